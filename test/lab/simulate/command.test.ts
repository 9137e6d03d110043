import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, it } from 'vitest';
import type { SimulatedTrace } from '../../../lab/simulate/run.ts';
import { simulationResult } from '../../../lab/simulate/simulate-files.ts';
import { type CommandLineResult, suture } from '../../support/command-line.ts';

const FINDINGS = 'test/fixtures/findings';
const folder = mkdtempSync(join(tmpdir(), 'suture-test-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string) => {
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
    ['no file', () => [], /missing required argument 'file'/],
    ['an unknown mode', () => [`${FINDINGS}/pci.json`, '--mode', 'dry'], /Allowed choices are plan, apply/],
    ['an invalid time', () => [`${FINDINGS}/pci.json`, '--at', 'soon'], /^--at takes 90m, 2h.*, not "soon"\./],
    ['a unit without its account', () => [`${FINDINGS}/pci.json`, '--ou', '/Workloads'], /^--ou takes an account and/],
    [
      'the unit of an account that no finding names',
      () => [`${FINDINGS}/pci.json`, '--ou', '777777777777=/Workloads'],
      /^--ou names 777777777777, but no finding/,
    ],
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
  const lines = ['pci', 'guardduty', 'array', 'malformed'].map((name) =>
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
    ['fixture-malformed', null],
  ]);
});

it('prints a table and the story of each finding without --json', async () => {
  const { code, out } = await simulate(`${FINDINGS}/pci.json`, `${FINDINGS}/consolidated.json`);
  expect(code).toBe(0);
  expect(out).toMatch(/^control +account +Region +route +outcome +finding\n/);
  expect(out).toMatch(/FIXED EC2.13 in 333333333333.*\n +because +removed tcp 22/);
  expect(out).toMatch(/\n333333333333 is in the organizational unit \/Workloads \(assumed; say --ou 333333333333=/);
  expect(out).toMatch(/2 findings: 2 FIXED\.\n$/);
});

it('has failed if a finding failed, and says why', () => {
  const trace = { control: 'EC2.13', account: '333333333333', route: 'remediate', calls: [], before: null } as never;
  const traces = (['FIXED', 'FAILED'] as const).map((outcome) => ({
    ...(trace as SimulatedTrace),
    outcome,
    reason: 'CapReached',
  }));
  expect(simulationResult(traces)).toEqual({
    failed: true,
    text: expect.stringMatching(/FAILED .*\n +because +CapReached/),
  });
  expect(simulationResult(traces.slice(0, 1)).failed).toBe(false);
  expect(simulationResult([{ ...traces[0]!, outcome: 'NOT_SIMULATED' }]).failed).toBe(true);
});
