/** The installations of Suture that a person works with, by name, in `installations.json` of the person's configuration. */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { RegionName } from '../../functions/contract/remediation.ts';
import { DEFAULT_PREFIX, type Names, namesOf } from '../../functions/domain/names.ts';
import { suggestion } from '../../functions/domain/nearest.ts';
import { Prefix } from '../../functions/domain/prefix.ts';
import { Failure } from '../errors/failure.ts';
import { UsageError } from '../errors/usage-error.ts';
import { jsonOrUndefined } from '../input/json-or-undefined.ts';
import { installedNames } from './installed-names.ts';

const ConfiguredInstallation = z.strictObject({
  /** A profile of the AWS configuration; absent: the credentials of the environment. */
  profile: z.string().min(1).optional(),
  /** The home Region. */
  region: RegionName,
  /** Begins the names of the installation's resources; absent: the default prefix. */
  prefix: Prefix.optional(),
  /** The security account. */
  account: z.string().regex(/^\d{12}$/, 'has 12 digits'),
});
export type ConfiguredInstallation = z.infer<typeof ConfiguredInstallation>;

const Installations = z.strictObject({
  /** The installation that commands use by default. */
  current: z.string(),
  installations: z.record(z.string(), ConfiguredInstallation),
});
export type Installations = z.infer<typeof Installations>;

const NO_INSTALLATIONS: Installations = { current: '', installations: {} };

export const installationsFile = (): string =>
  join(process.env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'suture', 'installations.json');

/**
 * Returns undefined if nothing was configured yet.
 * @throws Failure if the file is damaged
 */
export async function readInstallations(): Promise<Installations | undefined> {
  const file = installationsFile();
  const text = await readFile(file, 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const parsed = Installations.safeParse(jsonOrUndefined(text));
  if (parsed.success) return parsed.data;
  throw new Failure(
    `${file} is damaged: ${z.prettifyError(parsed.error)}\nCorrect or delete it, and run suture configure.`,
  );
}

export async function writeInstallations(all: Installations): Promise<void> {
  await mkdir(dirname(installationsFile()), { recursive: true });
  await writeFile(installationsFile(), `${JSON.stringify(all, null, 2)}\n`);
}

/** @throws UsageError if there is no installation with this name */
export function installationNamed({ installations }: Installations, name: string): ConfiguredInstallation {
  const found = installations[name];
  if (found) return found;
  const names = Object.keys(installations);
  const known = names.length > 0 ? `${suggestion(name, names) || '.'} There are: ${names.join(', ')}.` : ' yet.';
  throw new UsageError(`There is no installation "${name}"${known} Add it: ${addInstallationCommand(name)}`);
}

/** Returns the whole command; a person replaces Region and account. */
export const addInstallationCommand = (name: string): string =>
  `suture --profile suture-operator --home-region us-east-1 configure ${name} --account 111111111111`;

/**
 * @param name of a configured installation, instead of SUTURE_INSTALLATION
 * @throws UsageError if there is no installation with this name
 */
export async function namesOfInstallation(name = process.env.SUTURE_INSTALLATION): Promise<Names> {
  const all = name ? await readInstallations() : undefined;
  if (process.env.SUTURE_PREFIX || !all || !name) return installedNames();
  return namesOf({ prefix: installationNamed(all, name).prefix ?? DEFAULT_PREFIX });
}

export type InstallationChoice = { readonly name: string; readonly installation: ConfiguredInstallation };

/**
 * Makes the SDK clients of this process use an installation. Variables of the environment, and `--profile` and
 * `--home-region`, which set some of them, prevail.
 * @param name the current installation by default
 * @throws UsageError if there is no installation with this name
 */
export async function useInstallation(name: string | undefined): Promise<InstallationChoice | undefined> {
  const all = (await readInstallations()) ?? NO_INSTALLATIONS;
  // A person may have removed every one.
  if (name === undefined && all.current === '') return undefined;
  const chosen = name ?? all.current;
  const installation = installationNamed(all, chosen);
  const { AWS_PROFILE, AWS_ACCESS_KEY_ID } = process.env;
  // Exported credentials prevail over the current installation: they may be the sandbox's.
  if (name === undefined && (AWS_PROFILE || AWS_ACCESS_KEY_ID)) return undefined;
  if (installation.profile && !AWS_PROFILE && !AWS_ACCESS_KEY_ID) process.env.AWS_PROFILE = installation.profile;
  process.env.AWS_REGION ||= installation.region;
  process.env.SUTURE_PREFIX ||= installation.prefix ?? DEFAULT_PREFIX;
  return { name: chosen, installation };
}
