import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Remediation } from '../../../functions/contract/remediation.ts';
import type { RemediationRequest } from '../../../functions/domain/job.ts';
import type { JournalEntry } from '../../../functions/domain/journal.ts';
import type { ManagedAction, ManagedDecision, StackClaim } from '../../../functions/domain/managed.ts';
import type { PolicyDocument } from '../../../functions/domain/permissions.ts';
import type { Mode } from '../../../functions/domain/policy.ts';
import { mayAskForStack, withStackQuestion } from '../../../functions/domain/stack-question.ts';
import { runRemediation } from '../../../functions/remediate/engine.ts';
import { scenariosOf } from '../../../functions/remediations/scenarios.generated.ts';
import { FINDING_PLACE } from '../../../lab/laws/places.ts';
import { openProofSandbox } from '../../../lab/laws/proof-sandbox.ts';
import { clientsOn } from '../../../lab/organization/clients.ts';

const CONTROL = 'EC2.13';
const STACK: StackClaim = {
  id: `arn:aws:cloudformation:${FINDING_PLACE.region}:${FINDING_PLACE.account}:stack/web/4b3a1c00-0000-0000-0000-000000000001`,
  ...{ name: 'web', logicalId: 'Group' },
};
const decision = (action: ManagedAction, more: Partial<ManagedDecision> = {}): ManagedDecision => ({
  actions: { cloudformation: action, terraform: action, other: action },
  ...more,
});

let proof: Awaited<ReturnType<typeof openProofSandbox>>;
let resource: Awaited<ReturnType<typeof proof.arrange>>['resource'];
beforeAll(async () => {
  proof = await openProofSandbox(scenariosOf(CONTROL));
});
afterAll(() => proof.close());
beforeEach(async () => {
  resource = (await proof.arrange('SSH is open to the internet')).resource;
});

type Options = {
  readonly mode?: Mode;
  readonly now?: ManagedDecision;
  readonly triaged?: ManagedDecision;
  readonly tags?: Record<string, string>;
  readonly stack?: StackClaim;
  readonly approval?: RemediationRequest['approval'];
};

async function run({ mode = 'auto', now, triaged, tags = {}, stack, approval }: Options) {
  const { remediation } = scenariosOf(CONTROL);
  const { account, region } = FINDING_PLACE;
  const clients = clientsOn(proof.sandbox.administrator(account, region), remediation.clients);
  const [sessions, questions, entries]: [PolicyDocument[], unknown[], JournalEntry[]] = [[], [], []];
  const module = { ...remediation, tags: async () => tags } as Remediation;
  const request = {
    ...{ v: 3, mode: 'apply', execution: 'arn:e', started: '2026-11-01T00:00:00.000Z', approval },
    approvedUntil: approval && '2026-11-02T00:00:00.000Z',
    finding: { ...FINDING_PLACE, id: 'f', productArn: 'p', control: CONTROL, resource },
    target: remediation.target.parse(resource),
    params: remediation.params.parse({}),
    policy: { mode, tags: {}, managed: now },
    triaged: { mode: 'apply', policy: { mode, tags: {}, managed: triaged }, signature: 's' },
  } as RemediationRequest;
  const result = await runRemediation(module, request, {
    journal: {
      entries: async () => [],
      put: async (entry) => void entries.push(entry),
      mark: async () => {},
    },
    copies: { keep: async (entry) => entry, oldest: async () => undefined },
    alert: () => {},
    now: () => Date.parse('2026-11-01T00:00:00.000Z'),
    sleep: async () => {},
    session: async (policy) => {
      sessions.push(policy);
      return clients;
    },
    findStack: async (question) => {
      questions.push(question);
      return stack;
    },
    findWrite: async () => undefined,
  });
  const isAsked = JSON.stringify(sessions[0]).includes('cloudformation:DescribeStackResources');
  return { result, questions, entries, isAsked, writes: sessions.length - 1 };
}

describe('a resource of a stack', () => {
  it('is left to its owner by default, with the change to make in code', async () => {
    const { result, writes, isAsked, questions } = await run({ now: decision('notify'), stack: STACK });
    expect(result).toMatchObject({
      kind: 'notified',
      because: expect.stringMatching(/^managed by CloudFormation stack web \(Group\); its owner changes it there: /),
      managedBy: { manager: 'cloudformation', stack: STACK.id, logicalId: 'Group' },
      before: expect.anything(),
      after: expect.anything(),
    });
    expect({ writes, isAsked }).toEqual({ writes: 0, isAsked: true });
    expect(questions).toEqual([expect.objectContaining({ account: FINDING_PLACE.account, claim: undefined })]);
  });
  it('is refused if policy says so', async () => {
    const { result, writes } = await run({ now: decision('refuse'), stack: STACK });
    const because = expect.stringContaining('policy refuses to change it: managed by CloudFormation stack web (Group)');
    expect(result).toEqual({ kind: 'refused', because, managedBy: expect.anything() });
    expect(writes).toBe(0);
  });
  it('is changed after approval, and the plan names the drift', async () => {
    const planned = await run({ now: decision('approve'), stack: STACK });
    expect(planned.result).toMatchObject({ kind: 'planned', awaits: 'approval', managedBy: { logicalId: 'Group' } });
    const { plan, summary } = planned.result as { plan: string; summary: string };
    expect(summary).toContain('; managed by CloudFormation stack web (Group), from which this drifts: ');
    const approval = { by: 'arn:jo', at: '2026-11-01T00:00:00.000Z', plan };
    const approved = await run({ now: decision('approve'), stack: STACK, approval });
    expect(approved.result).toMatchObject({ kind: 'fixed', managedBy: { stack: STACK.id } });
    expect(approved.entries[0]).toMatchObject({ managedBy: { stack: STACK.id } });
  });
  it('is not changed despite an approval if policy says notify since', async () => {
    const { plan } = (await run({ now: decision('approve'), stack: STACK })).result as { plan: string };
    const approval = { by: 'arn:jo', at: '2026-11-01T00:00:00.000Z', plan };
    const { result, writes } = await run({
      now: decision('notify'),
      triaged: decision('approve'),
      stack: STACK,
      approval,
    });
    expect({ kind: result.kind, writes }).toEqual({ kind: 'notified', writes: 0 });
  });
  it('is fixed without a call of CloudFormation if policy said so at triage and says so now', async () => {
    const fix = { now: decision('fix'), triaged: decision('fix'), stack: STACK };
    expect(await run({ ...fix, triaged: decision('notify') })).toMatchObject({ result: { kind: 'notified' } });
    expect(await run(fix)).toMatchObject({ result: { kind: 'fixed' }, isAsked: false, questions: [], writes: 1 });
  });
  it('is only planned under observe', async () => {
    const { result } = await run({ mode: 'observe', now: decision('refuse'), stack: STACK });
    expect(result).toMatchObject({ kind: 'planned', managedBy: { stack: STACK.id } });
    expect(result).not.toHaveProperty('awaits');
  });
});

it('only the session of a plan that depends on the stack may look it up', () => {
  const place = { ...FINDING_PLACE };
  const own: PolicyDocument = { Version: '2012-10-17', Statement: [] };
  const policyOf = (mode: string, managed: ManagedDecision) =>
    withStackQuestion(own, place, { mode, policy: { managed } });
  expect(mayAskForStack(policyOf('apply', decision('notify')))).toBe(true);
  expect(mayAskForStack(policyOf('plan', decision('fix', { tags: { keep: 'refuse' } })))).toBe(true);
  expect(policyOf('apply', decision('fix'))).toBe(own);
  expect(policyOf('rollback', decision('notify'))).toBe(own);
  expect(mayAskForStack(own)).toBe(false);
});

describe('a resource of no stack', () => {
  it('is fixed, even if its tags name a stack', async () => {
    const tags = { 'aws:cloudformation:stack-id': STACK.id!, 'aws:cloudformation:logical-id': 'Group' };
    const { result, questions } = await run({ now: decision('refuse'), tags });
    expect(result).toMatchObject({ kind: 'fixed', summary: expect.not.stringContaining('managed by') });
    expect(questions).toEqual([expect.objectContaining({ claim: STACK })]);
  });
  it('is left to its owner if a tag of policy marks it', async () => {
    const marks = { other: ['pulumi'] };
    expect(await run({ now: decision('notify', { marks }), tags: { pulumi: 'shop' } })).toMatchObject({
      result: { kind: 'notified', because: expect.stringContaining('managed by code (tag pulumi)') },
    });
  });
});
