/** Bundles become assets as the CDK's own do, without a copy of each shared chunk. */
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundlesIn } from '../../stacks/bundle-code.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'suture-bundle-code-'));
  await cp(import.meta.filename, join(folder, 'bundles', 'one', 'index.mjs'));
  await writeFile(join(folder, 'bundles', 'one', 'CHUNK.mjs'), 'export const chunk = 1;');
});
afterEach(() => rm(folder, { recursive: true }));

/** Returns the template's address of the code, and the folder of the asset that the manifest has for it. */
async function synthesized(name: string): Promise<{ code: any; asset: string; packaging: string }> {
  const app = new App({ outdir: join(folder, 'out'), analyticsReporting: false });
  const stack = new Stack(app, 'Stack');
  const code = bundlesIn(join(folder, 'bundles'))(name);
  new LambdaFunction(stack, 'Function', { code, handler: 'index.handler', runtime: Runtime.NODEJS_24_X });
  app.synth();
  const read = async (file: string) => JSON.parse(await readFile(join(app.outdir, file), 'utf8'));
  const { Resources } = await read('Stack.template.json');
  const resource: any = Object.values(Resources).find(({ Type }: any) => Type === 'AWS::Lambda::Function');
  const { files } = await read('Stack.assets.json');
  const key = resource.Properties.Code.S3Key;
  const file: any = Object.values(files).find(({ destinations }: any) =>
    Object.values(destinations).some(({ objectKey }: any) => objectKey === key),
  );
  return {
    code: resource.Properties.Code,
    asset: join(app.outdir, file.source.path),
    packaging: file.source.packaging,
  };
}

describe('the asset of a bundle', () => {
  it('has its files, as links', async () => {
    const { asset, packaging } = await synthesized('one');
    expect(packaging).toBe('zip');
    expect((await readdir(asset)).toSorted()).toEqual(['CHUNK.mjs', 'index.mjs']);
    for (const file of await readdir(asset))
      expect((await stat(join(asset, file))).ino).toBe((await stat(join(folder, 'bundles', 'one', file))).ino);
  });

  it('has the same key for the same contents, and another one for others', async () => {
    const first = (await synthesized('one')).code.S3Key;
    await cp(join(folder, 'bundles', 'one'), join(folder, 'bundles', 'two'), { recursive: true });
    expect((await synthesized('two')).code.S3Key).toBe(first);
    // In place, with the same inode and length.
    await writeFile(join(folder, 'bundles', 'two', 'CHUNK.mjs'), 'export const chunk = 2;');
    expect((await synthesized('two')).code.S3Key).not.toBe(first);
    await rm(join(folder, 'bundles', 'two', 'CHUNK.mjs'));
    await writeFile(join(folder, 'bundles', 'two', 'OTHER.mjs'), 'export const chunk = 1;');
    expect((await synthesized('two')).code.S3Key).not.toBe(first);
  });
});
