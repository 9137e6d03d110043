import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it.each(['service', 'operation', 'remediation', 'package'])(
  'npm run new:%s -- --help prints its usage alone',
  async (kind) => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [`tools/new-${kind}.ts`, '--help']);
    expect(stdout.startsWith(`npm run new:${kind} -- <`)).toBe(true);
    expect(stderr).toBe('');
  },
);
