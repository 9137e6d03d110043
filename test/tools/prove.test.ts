import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { LawReport } from '../../tools/prove/report.ts';

it('ends quietly when the reader of its output closes the pipe', async () => {
  const command = `"${process.execPath}" tools/prove.ts cloudtrail/validate-log-files --json | head -n 1`;
  const { stdout, stderr } = await promisify(execFile)('sh', ['-c', command]);
  expect(JSON.parse(stdout)).toMatchObject({ remediation: 'cloudtrail/validate-log-files', outcome: 'kept' });
  expect(stderr).toBe('');
});

it('prints a cause that breaks several laws once, and names the law that has it', () => {
  const lines: string[] = [];
  const report = new LawReport('kms/do-this', ['off', 'gone'], (line) => lines.push(line));
  const broken = (scenario: string, law: string, because: string) =>
    report.add({ scenario, law, group: 'fix and undo', title: `${law} holds`, outcome: 'broken', because });
  broken('off', 'shown', 'it is denied');
  broken('off', 'rollback', 'it is denied');
  broken('off', 'pages', 'it has\none page');
  broken('gone', 'shown', 'it is denied');
  expect(report.finish()).toBe(false);
  expect(lines.filter((line) => /^ {4}/.test(line))).toEqual([
    '    ✗ shown: shown holds',
    '      it is denied',
    '    ✗ rollback: as shown',
    '    ✗ pages: pages holds',
    '      it has',
    '      one page',
    '    ✗ shown: as shown of [1/2]',
  ]);
  expect(lines.at(-1)).toMatch(/^✗ 4 broken laws/);
});
