import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { LawResult } from '../../lab/laws/prove.ts';
import { remediationIds } from '../../stacks/remediation-ids.ts';
import { type ProveExit, proveOptions } from '../../tools/prove/options.ts';
import { LawReport } from '../../tools/prove/report.ts';

it('ends quietly when the reader of its output closes the pipe', async () => {
  const command = `"${process.execPath}" tools/prove.ts cloudtrail/validate-log-files --json | head -n 1`;
  const { stdout, stderr } = await promisify(execFile)('sh', ['-c', command]);
  expect(JSON.parse(stdout)).toMatchObject({ remediation: 'cloudtrail/validate-log-files', outcome: 'kept' });
  expect(stderr).toBe('');
});

function reportOf(results: readonly LawResult[], options: { verbose?: boolean } = {}) {
  const lines: string[] = [];
  const report = new LawReport({ id: 'kms/do-this', controls: ['KMS.1'] }, ['off', 'gone'], {
    print: (line) => lines.push(...line.split('\n')),
    ...{ width: 80, ...options },
  });
  for (const result of results) report.add(result);
  return { holds: report.finish(), lines };
}

const resultOf = (
  scenario: string,
  law: string,
  result: Pick<LawResult, 'outcome' | 'because' | 'cases'>,
): LawResult => ({
  ...{ scenario, law, group: 'fix and undo', title: `${law} holds`, ...result },
});
const broken = (scenario: string, law: string, because: string) =>
  resultOf(scenario, law, { outcome: 'broken', because });

it('prints each law once, with its cases, and a total', () => {
  const kept = (scenario: string, law: string, cases: number) => resultOf(scenario, law, { outcome: 'kept', cases });
  const skipped = resultOf('gone', 'pages', { outcome: 'skipped', because: 'it has no list' });
  const results = [kept('off', 'crashes', 7), kept('off', 'pages', 1), kept('gone', 'crashes', 5), skipped];
  const { holds, lines } = reportOf(results);
  expect(holds).toBe(true);
  expect(lines.slice(0, 7)).toEqual([
    'kms/do-this closes KMS.1',
    '2 scenarios',
    '',
    '   LAW      CASES  WHAT IT PROVES',
    '✓  crashes     12  crashes holds',
    '✓  pages        1  pages holds; skipped in 1 of 2 scenarios: it has no list',
    '',
  ]);
  expect(lines.at(-1)).toMatch(/^✓ All 2 laws hold: 13 cases in 2 scenarios \(\d+\.\d s\)$/);
  expect(reportOf(results, { verbose: true }).lines).toContain('   2  gone');
});

it('prints a cause that breaks several laws once, and names the law that has it', () => {
  const { holds, lines } = reportOf([
    broken('off', 'shown', 'it is denied'),
    broken('off', 'rollback', 'it is denied'),
    broken('off', 'pages', 'it has\none page'),
    broken('gone', 'shown', 'it is denied'),
  ]);
  expect(holds).toBe(false);
  expect(lines.slice(3)).toEqual([
    '✗ shown: shown holds',
    '  in the scenario "off"',
    '    it is denied',
    '',
    '✗ pages: pages holds',
    '  in the scenario "off"',
    '    it has',
    '    one page',
    '',
    '   LAW       CASES  WHAT IT PROVES',
    '✗  shown         0  shown holds; broken in 2 of 2 scenarios',
    '✗  rollback      0  rollback holds; broken in 1 of 2 scenarios, as shown',
    '✗  pages         0  pages holds; broken in 1 of 2 scenarios',
    '',
    expect.stringMatching(/^✗ 3 of 3 laws broken/),
  ]);
});

it.each([
  'functions/remediations/rds/protect-instances/',
  'functions/remediations/rds/protect-instances',
  './functions/remediations/rds/protect-instances/index.ts',
  '/home/me/suture/functions/remediations/rds/protect-instances/scenarios.ts',
  'functions\\remediations\\rds\\protect-instances\\',
  'rds/protect-instances/',
  'rds/protect-instances',
])('takes a path as a name: %s', async (path) => {
  expect(await proveOptions([path])).toMatchObject({
    id: 'rds/protect-instances',
    scenariosFile: expect.stringMatching(/\/functions\/remediations\/rds\/protect-instances\/scenarios\.ts$/),
  });
});

describe('a wrong name', () => {
  const answerTo = async (name: string) => (await proveOptions([name])) as ProveExit;
  it.each([
    [
      'a typing mistake',
      'ec2/close-admn-ports',
      /^No remediation is named "ec2\/close-admn-ports"\. Did you mean:\n {2}ec2\/close-admin-ports\n/,
    ],
    ['no service', 'rotate-keys', /Did you mean:\n {2}kms\/rotate-keys\n/],
    ['a service alone', 'ecr', /Did you mean:\n {2}ecr\/scan-images\n/],
    [
      'a control',
      'ec2.13',
      /^ec2\.13 is a control\. Its remediation is ec2\/close-admin-ports:\n {2}npm run prove -- ec2\/close/,
    ],
    ['nothing near', 'nosuch', /^No remediation is named "nosuch"\. All names: npm run prove -- --list$/],
  ])('that has %s', async (_, name, message) => {
    expect(await answerTo(name)).toEqual({ exitCode: 2, message: expect.stringMatching(message) });
  });
  it('has few suggestions, and the list has all', async () => {
    const { message } = await answerTo('keep');
    expect(message.match(/^ {2}/gm)!.length).toBeLessThanOrEqual(5);
    expect((await answerTo('--list')).message.split('\n')).toEqual(remediationIds());
  });
});
