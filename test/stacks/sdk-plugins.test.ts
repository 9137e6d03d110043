import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { namedOperations } from '../../stacks/sdk-plugins.ts';

// Inside this repository, so that esbuild finds the clients.
const BUILD = fileURLToPath(new URL('../../.build/', import.meta.url));

describe('named operations', () => {
  let folder: string;
  beforeEach(() => {
    mkdirSync(BUILD, { recursive: true });
    folder = mkdtempSync(join(BUILD, 'operations-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
  });

  it('reads of a client the operations and paginators that the code names, and no others', async () => {
    const files = await filesOfEc2(
      "import { DescribeVpcsCommand, EC2Client, paginateDescribeVolumes } from '@aws-sdk/client-ec2';\n" +
        'console.log(DescribeVpcsCommand, EC2Client, paginateDescribeVolumes);',
    );
    expect(files.filter((file) => /^(commands|pagination)\//.test(file))).toEqual([
      'commands/DescribeVolumesCommand.js',
      'commands/DescribeVpcsCommand.js',
      'commands/index.js',
      'pagination/DescribeVolumesPaginator.js',
      'pagination/Interfaces.js',
      'pagination/index.js',
    ]);
    expect(files).not.toContain('EC2.js');
  });

  it('fails for a library that imports an operation which the code does not name', async () => {
    const source = "export { DescribeVpcsCommand } from '@aws-sdk/client-ec2';";
    await expect(bundle(source, 'library.mjs', join(folder, 'elsewhere'))).rejects.toThrow(
      'No matching export in "node_modules/@aws-sdk/client-ec2/dist-es/index.js" for import "DescribeVpcsCommand"',
    );
  });

  async function filesOfEc2(source: string): Promise<string[]> {
    const { metafile } = await bundle(source, 'index.ts', folder);
    const root = 'node_modules/@aws-sdk/client-ec2/dist-es/';
    return Object.keys(metafile.inputs)
      .filter((file) => file.startsWith(root))
      .map((file) => file.slice(root.length))
      .sort();
  }

  function bundle(source: string, file: string, named: string) {
    const entry = join(folder, file);
    writeFileSync(entry, source);
    return build({
      entryPoints: [entry],
      absWorkingDir: join(BUILD, '..'),
      bundle: true,
      write: false,
      metafile: true,
      platform: 'node',
      format: 'esm',
      mainFields: ['module', 'main'],
      logLevel: 'silent',
      plugins: [namedOperations([named])],
    });
  }
});
