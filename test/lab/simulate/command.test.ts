import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, it } from 'vitest';
import { displayWidth } from '../../../cli/output/display-width.ts';
import { findingNames, findingsNamed } from '../../../lab/simulate/finding-names.ts';
import type { SimulatedTrace } from '../../../lab/simulate/run.ts';
import { simulationResult } from '../../../lab/simulate/simulation-result.ts';
import { simulationPage } from '../../../lab/simulate/simulation-text.ts';
import { type CommandLineResult, suture } from '../../support/command-line.ts';

const FINDINGS = 'test/fixtures/findings';
const folder = mkdtempSync(join(tmpdir(), 'suture-test-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, text: string, content: string | Buffer = text) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

const simulate = (...args: readonly string[]) => suture('simulate', ...args);

/** Runs the command as a process that reads `input`. */
async function simulateInput(args: readonly string[], input: string): Promise<CommandLineResult> {
  const child = spawn(process.execPath, ['bin/suture.ts', 'simulate', ...args]);
  child.stdin.end(input);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, error, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code: code ?? Number.NaN, out, error };
}

describe('exits with 2 and an error message', () => {
  it.each<[what: string, args: () => string[], message: RegExp]>([
    ['a missing file', () => ['nowhere.json'], /^nowhere.json cannot be read: there is no such file\.\n$/],
    ['a folder', () => [FINDINGS], /cannot be read: it is a folder; name its files/],
    ['an empty file', () => [file('empty.json', '')], /^empty.json is empty\./],
    ['a file that is not JSON', () => [file('bad.json', '{\n"Id":\n}')], /^bad.json:3 is not JSON/],
    [
      'a file without event or finding',
      () => [file('other.json', '{"name": "x"}')],
      /^other.json is neither an event nor a finding/,
    ],
    [
      'a finding that is not in ASFF',
      () => [`${FINDINGS}/malformed.json`],
      /^malformed\.json is not a finding of Security Hub \(ASFF\):\n {2}Id is .*, such as .*\n {2}ProductArn is missing, such as /,
    ],
    ['no file', () => [], /missing required argument 'file'/],
    ['an unknown mode', () => [`${FINDINGS}/pci.json`, '--mode', 'dry'], /Allowed choices are plan, apply/],
    ['an invalid time', () => [`${FINDINGS}/pci.json`, '--at', 'soon'], /^--at takes 90m, 2h.*, not "soon"\./],
    ['a unit without its account', () => [`${FINDINGS}/pci.json`, '--ou', '/Workloads'], /^--ou takes an account and/],
    [
      'the unit of an account that no finding names',
      () => [`${FINDINGS}/pci.json`, '--ou', '777777777777=/Workloads'],
      /^--ou names 777777777777, but no finding/,
    ],
    [
      'a finding that is not in the input',
      () => [`${FINDINGS}/pci.json`, '--finding', 'ffff'],
      /^--finding ffff: no finding of the input has this id, or an id that begins with it/,
    ],
    ['two forms', () => [`${FINDINGS}/pci.json`, '--json', '--verbose'], /"Give --verbose or --json, not both/],
    ['a missing policy', () => [`${FINDINGS}/pci.json`, '--policy', 'no.yaml'], /^no.yaml cannot be read/],
    [
      'an invalid policy',
      () => [`${FINDINGS}/pci.json`, '--policy', file('policy.yaml', 'version: 1\ncontrols:\n  EC2.133: auto\n')],
      /policy.yaml:3:3: .*EC2.133/,
    ],
  ])('for %s', async (_, args, message) => {
    const { code, out, error } = await simulate(...args());
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(error).toMatch(message);
  });
  it('for a file of PowerShell without a finding', async () => {
    const { code, error } = await simulate(file('shell.json', '', Buffer.from('\uFEFF{"Findings": []}', 'utf16le')));
    expect({ code, error }).toEqual({ code: 2, error: expect.stringMatching(/^shell\.json holds no finding/) });
  });
  it('for empty standard input', async () => {
    const error = expect.stringMatching(/^standard input is empty/);
    expect(await simulateInput(['-'], '')).toEqual({ code: 2, out: '', error });
  });
});

it('simulates several files in the order of the arguments', async () => {
  const { code, out } = await simulate('--json', `${FINDINGS}/guardduty.json`, `${FINDINGS}/unhandled.json`);
  expect(code).toBe(0);
  const printed = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(printed.map(({ route, reason }) => [route, reason])).toEqual([
    ['ignore', expect.stringMatching(/GuardDuty/i)],
    ['ignore', expect.stringMatching(/handles/)],
  ]);
});

it('prints only one object a line with --json, in the order of the input', async () => {
  const lines = ['pci', 'guardduty', 'array'].map((name) =>
    JSON.stringify(JSON.parse(readFileSync(`${FINDINGS}/${name}.json`, 'utf8'))),
  );
  const { code, out, error } = await simulateInput(['--json', '-'], lines.join('\n'));
  expect({ code, error }).toEqual({ code: 0, error: '' });
  const printed = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(printed.map(({ findingId, outcome }) => [findingId.split('/').at(-1), outcome])).toEqual([
    ['pci', 'FIXED'],
    ['1', null],
    ['array-0', 'FIXED'],
    ['array-1', 'FIXED'],
    ['array-2', 'FIXED'],
    ['array-3', null],
  ]);
});

it('prints a summary, then a line for each finding, and how to see more', async () => {
  const { code, out, error } = await simulate(`${FINDINGS}/pci.json`, `${FINDINGS}/consolidated.json`);
  expect(code).toBe(0);
  expect(out).toMatch(
    /^2 findings in 333333333333, eu-west-1: 2 fixed\.\nEvery control automatic, .*: no --policy\.\n\nfinding +end +control +resource +why\n/,
  );
  expect(out).toMatch(/\npci +fixed +EC2\.13 .*removed tcp 22.*\nconsolid +fixed +EC2\.13 /);
  expect(out).toMatch(/Assumed to be in the organizational unit \/Workloads: 333333333333\.\s.*--ou\s+333333333333=/);
  expect(out).toMatch(/\nTo see one whole: the same command with --finding pci; all of them: --verbose;/);
  expect(out).not.toContain('because');
  expect(error).toMatch(/^… loading the sandbox\n/);
});

it('adds the story of each finding with --verbose, in the words of the table', async () => {
  const { code, out } = await simulate('--verbose', `${FINDINGS}/pci.json`, `${FINDINGS}/consolidated.json`);
  expect(code).toBe(0);
  const [page, ...stories] = out.split(/\n\n(?=pci {2}fixed|consolid {2}fixed)/);
  expect(page).toMatch(
    /^2 findings in 333333333333, eu-west-1: 2 fixed\.\nEvery control automatic, .*: no --policy\.\n\nfinding +end +control +resource +why\n/,
  );
  expect(page).toMatch(/Assumed to be in the organizational unit \/Workloads: 333333333333\./);
  expect(stories[0]).toMatch(
    /^pci {2}fixed {2}EC2\.13 in 333333333333, eu-west-1\n {2}id .*\/pci\n {2}resource .*\n {2}why {6}removed tcp 22/,
  );
  expect(stories).toHaveLength(2);
});

const TRACE = {
  findingId: 'arn:aws:securityhub:us-east-1:333333333333:subscription/x/v/1.0.0/EC2.13/finding/0f6e1a2b-0000-4000-8000',
  ...{ control: 'EC2.13', account: '333333333333', region: 'us-east-1', route: 'remediate', remediation: null },
  ...{ resource: 'arn:aws:ec2:us-east-1:333333333333:security-group/sg-0f6e1a2b3c4d5e6f7', reason: 'removed tcp 22' },
  ...{ outcome: 'FIXED', before: null, after: null, execution: null, calls: [], unit: null },
} as const satisfies SimulatedTrace;
const ids = (n: number) => TRACE.findingId.replace('0f6e1a2b', `${n}f6e1a2b`);

it('exits with 1 if a finding failed, and prints the reason', () => {
  const failed = { ...TRACE, outcome: 'FAILED', reason: 'CapReached' } as const;
  expect(simulationResult([TRACE, failed])).toEqual({
    failed: true,
    text: expect.stringMatching(/^2 findings in .*: 1 failed, 1 fixed\.\n\n.*\n2 +failed .*CapReached\n1 +fixed/),
  });
  expect(simulationResult([TRACE, failed], { verbose: true }).text).toMatch(
    /\n2 {2}failed {2}EC2\.13 .*\n(?: +.*\n)* +why +CapReached/,
  );
  expect(simulationResult([TRACE]).failed).toBe(false);
  expect(simulationResult([{ ...TRACE, outcome: 'NOT_SIMULATED' }]).failed).toBe(true);
});

it('says below the summary that no policy was given, in each form', () => {
  const note = /: 1 fixed\.\nEvery control automatic, destructive ones by approval: no --policy\.\n\n/;
  for (const form of [{}, { verbose: true }, { shown: [0] }]) {
    expect(simulationResult([TRACE], { ...form, isAutomatic: true }).text).toMatch(note);
    expect(simulationResult([TRACE], form).text).not.toContain('automatic');
  }
  expect(simulationResult([TRACE], { json: true, isAutomatic: true }).text).not.toContain('automatic');
});

it('names an execution by the beginning of its name, so that a reason fits the table', () => {
  const arn = 'arn:aws:states:us-east-1:111111111111:execution:suture-remediate-finding:0dddc5a2-7423-4e5f_94f37b6e';
  const duplicate: SimulatedTrace = {
    ...TRACE,
    outcome: null,
    route: 'duplicate',
    reason: `${arn} handles this finding`,
  };
  const page = simulationPage([duplicate], 100);
  expect(page).toContain('execution 0dddc5a2 handles this');
  for (const line of page.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(100);
});

describe('the page of a simulation', () => {
  const reason = `policy names no topic: ${'set params.topicName to a topic '.repeat(9)}`;
  const OTHERS: readonly Partial<SimulatedTrace>[] = [
    {
      outcome: null,
      route: 'ignore',
      control: 'S3.4',
      reason: 'no rule lets this finding through: nobody handles S3.4',
    },
    { outcome: null, route: 'ignore', reason: 'no rule lets this finding through: Workflow.Status is RESOLVED' },
    { outcome: 'ARCHIVED', route: 'archive', account: '444444444444' },
    {},
    { outcome: 'WAITING', route: 'approve', region: 'eu-west-1' },
    { outcome: 'REFUSED', control: 'CloudFormation.1', reason },
    { outcome: null, route: 'reject' },
    { outcome: 'NOT_SIMULATED' },
    { outcome: 'FAILED', reason: 'Denied: no\nLikely causes, in order' },
  ];
  const traces = OTHERS.map((other, n): SimulatedTrace => ({ ...TRACE, findingId: ids(n), ...other }));

  it('has findings that did not end well first', () => {
    const page = simulationPage(traces, 200);
    const lines = page.split('\n').filter((line) => /^\df6e1a2b /.test(line));
    expect(lines.map((line) => /^\w+ {2}(.+?) {2}/.exec(line)![1])).toEqual([
      ...['failed', 'not simulated', 'rejected', 'refused', 'waiting', 'fixed', 'archived', 'ignored', 'not handled'],
    ]);
    expect(lines[4]).toContain('for approval: removed tcp 22');
    expect(lines[7]).toMatch(/ Workflow\.Status is RESOLVED$/);
    expect(page).toContain('--finding 8f6e1a2b;');
  });
  it.each([80, 100, 200])('fits %i columns, one line each if it is long', (width) => {
    const more = ['a', 'b'].map((n) => ({ ...TRACE, findingId: TRACE.findingId.replace('0f6e', `${n}f6e`) }));
    const lines = simulationPage([...traces, ...more], width).split('\n');
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
    expect(lines.filter((line) => /^[\dab]f6e1a2b/.test(line))).toHaveLength(11);
    expect(lines.join(' ')).toMatch(/CloudFormation\.1 .*policy names no topic: set p/);
  });
  it('has reasons whole, unless the table is long', () => {
    const page = (count: number) => simulationPage(Array(count).fill(traces[5]), 100).replaceAll(/\s+/g, ' ');
    expect(page(10)).not.toContain('…');
    expect(page(11)).toContain('…');
  });
  it('says how to get other findings if another product made all of them', () => {
    const foreign: SimulatedTrace = {
      ...TRACE,
      ...{ outcome: null, route: 'ignore', control: null },
      reason: 'no rule lets this finding through: comes from x/y; no remediation handles findings of that product',
    };
    expect(simulationPage([foreign], 80)).toMatch(
      /\nNone is of Security Hub's own controls(?:.|\n)*\n {2}aws securityhub get-findings --filters '.*'\n/,
    );
    expect(simulationPage([foreign, TRACE], 80)).not.toContain('get-findings');
  });
  it('shows only the named finding, in full', () => {
    const shown = findingsNamed(
      '5f6e',
      traces.map(({ findingId }) => findingId),
    );
    const { text } = simulationResult(traces, { shown });
    expect(text).toMatch(/^9 findings: .*\n(?: .*\n)?\n5f6e1a2b {2}refused {2}CloudFormation\.1 in/);
    expect(text.match(/^ {2}why /gm)).toHaveLength(1);
    expect(
      simulationResult(traces, { shown, json: true })
        .text.split('\n')
        .map((line) => JSON.parse(line).control),
    ).toEqual(['CloudFormation.1']);
  });
});

it('names findings by the beginnings of their ids, or by their places in the input', () => {
  expect(findingNames([ids(1), ids(2)])).toEqual(['1f6e1a2b', '2f6e1a2b']);
  expect(findingNames([ids(1), ids(1)])).toEqual(['1', '2']);
  expect(findingNames([ids(1), null])).toEqual(['1', '2']);
  expect(findingNames(['prowler-aws-ec2_open_port-1', 'prowler-aws-ec2_open_port-2'])).toEqual(['1', '2']);
  expect(findingsNamed('2', [ids(1), ids(2)])).toEqual([1]);
  expect(findingsNamed('2f6e', [ids(1), ids(2), ids(2)])).toEqual([1, 2]);
  expect(findingsNamed('3', [ids(1), ids(2)])).toEqual([]);
});
