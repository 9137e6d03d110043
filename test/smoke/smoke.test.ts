/** The whole run against the sandbox's organization, in which the lab plays what AWS does by itself. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DisableRuleCommand, EnableRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Interrupted } from '../../cli/errors/interrupted.ts';
import { LAB_NAMES } from '../../lab/organization/lab-names.ts';
import { MANAGEMENT_ACCOUNT, type RunningOrganization, runOrganization } from '../../lab/organization/organization.ts';
import { playAws } from '../../lab/organization/play-aws.ts';
import { makeReady } from '../../lab/organization/ready.ts';
import type { FaultRule } from '../../sandbox/kernel/kernel.ts';
import { runSmoke } from '../../smoke/program.ts';
import { smokeName } from '../../smoke/smoke.ts';
import { SMOKE_STEPS } from '../../smoke/steps.ts';

const [SHOP, DATA] = ['333333333333', '444444444444'] as const;
const MEMBERS = [
  { id: SHOP, name: 'shop' },
  { id: DATA, name: 'data' },
];

let organization: RunningOrganization;
let folder: string;
let report: string;
beforeAll(async () => {
  organization = await runOrganization(MEMBERS);
  await makeReady(organization, MEMBERS);
  // The run may assume the administrators' role of each account, which the sandbox makes with its first use.
  const { rollout } = organization.context;
  for (const account of [SHOP, DATA, rollout!.account]) organization.sandbox.administrator(account);
});
afterAll(() => organization.sandbox.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smoke-'));
  report = join(folder, 'report.md');
  // Past the minutes in which the alarm still rings for an earlier run.
  await organization.sandbox.kernel.clock.advance(3_600_000);
  // The schedules of that hour, whose calls would count as those of the run.
  await organization.sandbox.settled();
});
afterEach(() => rm(folder, { recursive: true }));

type Run = {
  readonly code: number;
  readonly printed: string;
  readonly lines: readonly string[];
  readonly errors: string;
};

/** As the administrator of the management account. `pause` replaces what happens while the run waits. */
async function smoke(args: readonly string[], pause = waitAsInAws): Promise<Run> {
  const { sandbox } = organization;
  const printed: string[] = [];
  const lines: string[] = [];
  const errors: string[] = [];
  const { error } = console;
  console.error = (text: string) => void errors.push(text);
  process.exitCode = 0;
  try {
    await runSmoke(['node', 'smoke', ...args], {
      aws: sandbox.administrator(MANAGEMENT_ACCOUNT),
      now: () => sandbox.kernel.clock.now(),
      interruption: { pause },
      print: (text) => printed.push(text),
      progress: (line) => lines.push(line),
    });
    return { code: Number(process.exitCode), printed: printed.join('\n'), lines, errors: errors.join('\n') };
  } finally {
    console.error = error;
    process.exitCode = 0;
  }
}

async function waitAsInAws(milliseconds: number): Promise<void> {
  playAws(organization, [SHOP, DATA]);
  await organization.sandbox.kernel.clock.advance(milliseconds);
}

const consent = (member: string = SHOP) => [
  ...['--organization', organization.context.organizationId, '--member', member],
  ...['--i-pay', '--report', report],
];

/** Services, with account and Region, in whose state something has the name of what a run creates. */
const left = (): string[] => {
  const name = smokeName(organization);
  const states = [...organization.sandbox.snapshot()];
  return states.filter(([, state]) => stringsIn(state).includes(name)).map(([service]) => service);
};

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value instanceof Map) return [...value].flatMap(stringsIn);
  if (value instanceof Set || Array.isArray(value)) return [...value].flatMap(stringsIn);
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(stringsIn);
}

async function withFault<T>(fault: FaultRule, work: () => Promise<T>): Promise<T> {
  const { faults } = organization.sandbox.kernel;
  faults.push(fault);
  try {
    return await work();
  } finally {
    faults.splice(faults.indexOf(fault), 1);
  }
}

const writes = () => organization.sandbox.kernel.calls.length;

describe('without consent', () => {
  it.each([
    ['nothing', []],
    ['--plan', ['--plan', '--organization', 'o-0000000000', '--i-pay']],
  ])('prints the plan for %s, and calls nothing', async (_, args) => {
    const before = writes();
    const { code, printed } = await smoke(args);
    expect(code).toBe(0);
    for (const { id, proves, creates } of SMOKE_STEPS) {
      expect(printed).toContain(`${id}\n  proves    ${proves}`);
      for (const { what } of creates) expect(printed).toContain(what);
    }
    expect(printed).toContain('$0.10');
    expect(writes()).toBe(before);
  });

  it.each<[what: string, args: () => string[], message: RegExp]>([
    ['the price', () => consent().filter((arg) => arg !== '--i-pay'), /--i-pay is missing/],
    ['the organization', () => ['--member', SHOP, '--i-pay'], /--organization is missing/],
    ['a member', () => ['--organization', organization.context.organizationId, '--i-pay'], /--member is missing/],
    ['this organization', () => ['--organization', 'o-0000000000', ...consent().slice(2)], /is for organization/],
    ['a member that is not Suture', () => consent(organization.context.serviceAccount), /account of Suture/],
    ['known steps', () => [...consent(), '--only', 'trusted'], /no step "trusted"/],
  ])('refuses without %s, and calls nothing', async (_, args, message) => {
    const before = writes();
    const { code, errors } = await smoke(args());
    expect(code).toBe(2);
    expect(errors).toMatch(message);
    expect(writes()).toBe(before);
  });
});

describe('a run', () => {
  it('ends before it creates anything if it may not act in an account', async () => {
    const { code, errors } = await smoke([...consent(), '--role', 'Nobody']);
    expect(code).toBe(3);
    expect(errors).toMatch(/role\/Nobody could not be assumed: AccessDenied.* Give --role/);
    expect(left()).toEqual([]);
  });

  it('passes every step, leaves nothing, and names no account in its report', async () => {
    const { code, printed, lines } = await smoke(consent());
    const text = await readFile(report, 'utf8');
    expect(text.match(/^## .*/gm), `${text}\n${lines.join('\n')}`).toEqual([
      ...SMOKE_STEPS.map(({ id }) => expect.stringMatching(`^## ${id}: passed, \\d+ s$`)),
      '## What is left',
    ]);
    expect(printed).toContain('Nothing is left.');
    expect(code).toBe(0);
    expect(left()).toEqual([]);
    expectAnonymous(text);
  });

  it('reports the step that fails, goes on, and still removes everything', async () => {
    const { sandbox, context } = organization;
    const events = new EventBridgeClient(sandbox.administrator(context.securityAccount));
    const Name = LAB_NAMES.own('findings-1');
    await events.send(new DisableRuleCommand({ Name }));
    const { code, printed } = await smoke([...consent(DATA), '--only', 'rule-to-fix,packed-policy,doctor']);
    await events.send(new EnableRuleCommand({ Name }));
    expect(code).toBe(1);
    expect(printed).toMatch(/^failed {3}rule-to-fix: Error: After 15 minutes .*the ledger does not have the finding/m);
    expect(printed).toMatch(/^failed {3}doctor: .*(\n.*)*rules/m);
    expect(printed).toMatch(/^passed {3}packed-policy$/m);
    expect(left()).toEqual([]);
    const text = await readFile(report, 'utf8');
    expect(text).toMatch(/^## rule-to-fix: failed/m);
    expectAnonymous(text);
  });

  it('says what it could not remove, and removes it when it is told to', async () => {
    const fault: FaultRule = ({ operation }) =>
      operation === 'DeleteRole' ? { kind: 'error', code: 'ServiceFailure', status: 400 } : undefined;
    const { code, printed } = await withFault(fault, () => smoke([...consent(), '--only', 'trust']));
    expect(code).toBe(1);
    expect(printed).toMatch(/^passed {3}trust$/m);
    expect(printed).toMatch(/Could not be removed:\n- IAM role suture-smoke .*ServiceFailure/);
    expect(await readFile(report, 'utf8')).toMatch(/- could not be removed: IAM role suture-smoke/);
    expect(left()).not.toEqual([]);
    const cleaned = await smoke(['--clean-up', ...consent().filter((arg) => arg !== '--i-pay')]);
    expect(cleaned).toMatchObject({ code: 0, printed: 'Nothing is left.' });
    expect(left()).toEqual([]);
  });

  it('removes everything after Ctrl-C', async () => {
    const interrupt = async (milliseconds: number) => {
      if (milliseconds > 0) throw new Interrupted('Interrupted.');
    };
    const { code, printed } = await smoke([...consent(), '--only', 'app-config,rule-to-fix'], interrupt);
    expect(code).toBe(130);
    expect(printed).toMatch(/^passed {3}app-config\nnot run {2}rule-to-fix: Interrupted\.$/m);
    expect(left()).toEqual([]);
  });

  it('removes what a killed run left, and runs', async () => {
    const killed = SMOKE_STEPS.find(({ id }) => id === 'rule-to-fix')!;
    const { sandbox, context } = organization;
    const stop = new Error('killed');
    const state = {
      context,
      member: SHOP,
      config: (account: string) => sandbox.administrator(account),
      now: () => sandbox.kernel.clock.now(),
      startedAt: sandbox.kernel.clock.now(),
      pause: () => Promise.reject(stop),
      progress: () => {},
    };
    await expect(killed.run(state)).rejects.toBe(stop);
    expect(left()).not.toEqual([]);
    const { code, printed } = await smoke([...consent(), '--only', 'rule-to-fix']);
    expect(printed).toMatch(/^passed {3}rule-to-fix$/m);
    expect(code).toBe(0);
    expect(left()).toEqual([]);
  });
});

/** All names of accounts, units, roles and addresses in the sandbox. */
function expectAnonymous(text: string): void {
  const { organizationId, externalId, rollout } = organization.context;
  for (const secret of [organizationId, externalId, ...rollout!.units]) expect(text).not.toContain(secret);
  expect(text.match(/\d{12}|arn:|\b\d{1,3}(\.\d{1,3}){3}\b|[\w.]+@[\w.]+|\bsg-\w+|\bou-\w+|AS?[KS]IA\w+/g)).toBeNull();
}
