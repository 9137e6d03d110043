import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('ends quietly when the reader of its output closes the pipe', async () => {
  const command = `"${process.execPath}" tools/prove.ts cloudtrail/validate-log-files --json | head -n 1`;
  const { stdout, stderr } = await promisify(execFile)('sh', ['-c', command]);
  expect(JSON.parse(stdout)).toMatchObject({ remediation: 'cloudtrail/validate-log-files', outcome: 'kept' });
  expect(stderr).toBe('');
});
