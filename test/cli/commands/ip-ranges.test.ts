import { describe, expect, it } from 'vitest';
import type { SignedApi } from '../../../cli/clients/api.ts';
import { proposalApiWith } from '../../../cli/clients/proposals.ts';
import { ipRangesApplyCommand } from '../../../cli/commands/ip-ranges/apply.ts';
import { ipRangesPlanCommand } from '../../../cli/commands/ip-ranges/plan.ts';
import { ipRangesProposeCommand } from '../../../cli/commands/ip-ranges/propose.ts';
import { ipRangesRemoveCommand } from '../../../cli/commands/ip-ranges/remove.ts';
import { ipRangesStatusCommand } from '../../../cli/commands/ip-ranges/status.ts';
import { UsageError } from '../../../cli/errors/usage-error.ts';
import { ipRangesPage } from '../../../cli/output/ip-ranges.ts';
import { answerProposal } from '../../../cli/proposals/answer-proposal.ts';
import type { Proposal } from '../../../functions/domain/proposal.ts';
import type { IpRangesAnswer, TargetAnswer } from '../../../ip-ranges/contract/command.ts';

const FIXTURES = new URL('../../fixtures/ip-ranges', import.meta.url).pathname;
const BASE = { target: '333333333333/us-east-1/web', mode: 'security-groups', services: ['CLOUDFRONT'] };
const PLANNED: TargetAnswer = {
  ...BASE,
  syncToken: '1761592704',
  createDate: '2025-10-27-19-18-24',
  holders: [{ id: 'sg-1', name: 'web-1', own: { IPv4: 46, IPv6: 2 }, others: { IPv4: 3, IPv6: 0 }, limit: 60 }],
  attachedTo: 2,
  calls: [
    { call: 'AuthorizeSecurityGroupIngress', on: 'sg-1', add: ['443/tcp from 192.0.2.0/24'] },
    { call: 'RevokeSecurityGroupIngress', on: 'sg-1', remove: ['443/tcp from 198.51.100.0/24'] },
  ],
  figures: { ranges: 48, groups: 1 },
  notes: [],
};

it('a page has names of groups and messages of AWS as plain text', () => {
  const hostile = 'web\nNothing to do.\u001b[8m\u202e';
  const [holder] = PLANNED.holders!;
  const target = { ...PLANNED, holders: [{ ...holder!, name: hostile }], notes: [hostile] };
  const page = ipRangesPage({ targets: [{ ...target, error: { name: 'TargetBlocked', message: hostile } }] });
  expect(page).toContain('Nothing to do.');
  expect(page).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]|^\s*Nothing to do/mu);
});

it('a page has each reason on lines of its own, and once for targets that fail alike', () => {
  const reasons = [
    { name: 'TargetBlocked', lines: ['There is no room for 13 of 71 rules.'] },
    { name: 'DocumentRefused', lines: ['The document takes away 40 %.', 'Wait.'] },
  ];
  const error = { name: 'DocumentRefused', message: 'both', reasons };
  const failed = { ...BASE, error };
  const page = ipRangesPage({ targets: [failed, { ...failed, target: '333333333333/us-east-1/api' }] });
  expect(page.split('\n').slice(2)).toEqual([
    '  TargetBlocked  There is no room for 13 of 71 rules.',
    '  DocumentRefused  The document takes away 40 %.',
    '    Wait.',
    '',
    '333333333333/us-east-1/api  CLOUDFRONT',
    '  not brought to a document yet',
    `  DocumentRefused  as for ${BASE.target}`,
  ]);
});

type Request = { readonly route: string; readonly body: any };

/** Answers by the request, and keeps its requests; a result is there when it is asked for the second time. */
function fakeApi(answer: (request: Request) => TargetAnswer[] | Error, more: Partial<IpRangesAnswer> = {}) {
  const requests: Request[] = [];
  const results: unknown[] = [];
  const asked = new Map<string, number>();
  const api: SignedApi = {
    requirePermission: async () => {},
    async call(route, { body, parameters } = {}) {
      if (route !== 'ipRangesResult') {
        requests.push({ route, body: JSON.parse(JSON.stringify(body)) });
        const result = answer(requests.at(-1)!);
        const failure = result instanceof Error && { error: { name: result.name, message: result.message } };
        results.push(failure || { targets: result, ...more });
        return { id: `00000000000${results.length}` };
      }
      const id = parameters!.id!;
      asked.set(id, (asked.get(id) ?? 0) + 1);
      return asked.get(id) === 1 ? {} : { result: results[Number(id) - 1] };
    },
  };
  return { api, requests };
}
const readOf = (body: object) => ({ route: 'readIpRanges', body });
const changeOf = (body: object) => ({ route: 'changeIpRanges', body });

describe('suture ip-ranges plan', () => {
  it('shows each call, what it adds and removes, and the capacity of each group', async () => {
    const { api, requests } = fakeApi(() => [PLANNED]);
    const { text, failed } = await ipRangesPlanCommand({ api, adopt: true, target: ['web'] });
    expect(failed).toBe(false);
    expect(requests).toEqual([readOf({ command: 'plan', adopt: true, targets: ['web'] })]);
    expect(text).toContain('document 1761592704 of 2025-10-27-19-18-24');
    expect(text).toMatch(/web-1 +sg-1 +46 \+ 3 +2 \+ 0 +60/);
    expect(text).toContain('AuthorizeSecurityGroupIngress sg-1\n    + 443/tcp from 192.0.2.0/24\n');
    expect(text).toContain('RevokeSecurityGroupIngress sg-1\n    - 443/tcp from 198.51.100.0/24\n');
    expect(text).toContain('2 calls: 1 added, 1 removed; 48 ranges in 1 group');
  });
  it('fails if a target is blocked, and says why', async () => {
    const error = { name: 'TargetBlocked', message: 'eni-1 has five groups' };
    const { api } = fakeApi(() => [{ ...PLANNED, calls: [], error }]);
    const { text, failed } = await ipRangesPlanCommand({ api });
    expect([failed, text]).toEqual([true, expect.stringContaining('TargetBlocked  eni-1 has five groups')]);
  });
  it('prints JSON for programs', async () => {
    const { api } = fakeApi(() => [PLANNED]);
    expect(JSON.parse((await ipRangesPlanCommand({ api, json: true })).text)).toEqual([PLANNED]);
  });
  it("throws the function's own failure", async () => {
    const { api } = fakeApi(() => Object.assign(new Error('No sound document'), { name: 'ServiceUnavailable' }));
    await expect(ipRangesPlanCommand({ api })).rejects.toThrow('ServiceUnavailable: No sound document');
  });
  it('ends with wrong usage if the function finds no such target', async () => {
    const invalid = Object.assign(new Error('There is no target "shpo" to plan.'), { name: 'CommandInvalid' });
    const { api } = fakeApi(() => invalid);
    await expect(ipRangesPlanCommand({ api, target: ['shpo'] })).rejects.toBeInstanceOf(UsageError);
  });
});

describe('suture ip-ranges apply', () => {
  it('shows the plan first, and asks', async () => {
    const { api, requests } = fakeApi(() => [PLANNED]);
    const shown: string[] = [];
    const show = (text: string) => void shown.push(text);
    await expect(ipRangesApplyCommand({ api, show })).rejects.toThrow(/Give --yes to agree/);
    expect(requests).toEqual([readOf({ command: 'plan' })]);
    await ipRangesApplyCommand({ api, show, yes: true, allowShrink: true, reason: ' they moved ' });
    expect(requests.slice(1)).toEqual([
      readOf({ command: 'plan', allowShrink: true }),
      changeOf({ command: 'apply', allowShrink: true, reason: 'they moved' }),
    ]);
    expect(shown[0]).toContain('2 calls: 1 added');
  });
  it('lists calls that were made as planned once, and others with what they did', async () => {
    const other = [{ call: 'AuthorizeSecurityGroupIngress', on: 'sg-2', add: ['443/tcp from 203.0.113.0/24'] }];
    const made = async (calls: TargetAnswer['calls']) => {
      const { api } = fakeApi(({ route }) => [route === 'readIpRanges' ? PLANNED : { ...PLANNED, calls }]);
      return (await ipRangesApplyCommand({ api, yes: true })).text;
    };
    const asPlanned = await made(PLANNED.calls);
    expect(asPlanned).not.toContain('sg-1\n');
    expect(asPlanned).toContain('\n  2 calls as planned: 1 added, 1 removed; 48 ranges');
    expect(await made(other)).toContain('AuthorizeSecurityGroupIngress sg-2\n    + 443/tcp from 203.0.113.0/24\n');
  });
  it('ends with how many calls it made, and how many targets failed', async () => {
    const error = { name: 'TargetBlocked', message: 'eni-1 is full.' };
    const { api } = fakeApi(({ route }) => (route === 'readIpRanges' ? [PLANNED] : [PLANNED, { ...BASE, error }]));
    const options = { api, yes: true, json: false };
    const { text, failed } = await ipRangesApplyCommand(options);
    expect([failed, text.split('\n').at(-1)]).toEqual([true, 'Made 2 calls: 1 added, 1 removed. 1 target failed.']);
    expect(JSON.parse((await ipRangesApplyCommand({ ...options, json: true })).text)).toHaveLength(2);
  });
  it('does nothing if the plan has no calls', async () => {
    const { api, requests } = fakeApi(() => [{ ...PLANNED, calls: [] }]);
    const { text } = await ipRangesApplyCommand({ api });
    expect(text).toContain('nothing to do; 48 ranges in 1 group');
    expect(requests).toEqual([readOf({ command: 'plan' })]);
  });
});

describe('suture ip-ranges status', () => {
  it('shows which document each target was brought to', async () => {
    const applied = {
      ...{ syncToken: 7, createDate: '2026-01-01-00-00-00', services: ['CLOUDFRONT'] },
      ...{ at: '2026-01-01T00:00:00.000Z', ranges: 48, groups: 2 },
    };
    const { api } = fakeApi(() => [{ ...BASE, applied, holders: PLANNED.holders, attachedTo: 2 }]);
    const { text, failed } = await ipRangesStatusCommand({ api });
    expect(failed).toBe(false);
    expect(text).toContain(
      'brought to 7 of 2026-01-01-00-00-00 for CLOUDFRONT at 2026-01-01T00:00:00.000Z: 48 ranges in 2 groups',
    );
    expect(text).toContain('attached to 2 network interfaces or load balancers');
    expect(text).not.toContain('not applied');
  });
  it('says that a newer document is not applied, and why', async () => {
    const failure = { name: 'TargetBlocked', message: 'There is no room for 13 of 71 rules.' };
    const lastFailure = {
      ...failure,
      syncToken: '8',
      createDate: '2026-01-02-00-00-00',
      at: '2026-01-02T00:00:00.000Z',
    };
    const { api } = fakeApi(() => [{ ...BASE, lastFailure, holders: PLANNED.holders, attachedTo: 1 }]);
    const { text, failed } = await ipRangesStatusCommand({ api });
    expect(failed).toBe(true);
    expect(text).toContain('not applied, or not all of it: document 8 of 2026-01-02-00-00-00, tried at 2026-01-02T00:');
    expect(text).toContain('\n  TargetBlocked  There is no room for 13 of 71 rules.');
    expect(text).toContain('attached to 1 network interface or load balancer');
  });
  it('says that a newer document is published, and fails only if a run should have applied it', async () => {
    const applied = { syncToken: 7, createDate: '', services: [], at: '', ranges: 1, groups: 1 };
    const status = (late: boolean) => {
      const newer = { syncToken: '8', createDate: '2026-01-02-00-00-00', late };
      return ipRangesStatusCommand({ api: fakeApi(() => [{ ...BASE, applied, newer }]).api });
    };
    const [inTime, late] = [await status(false), await status(true)];
    expect([inTime.failed, late.failed]).toEqual([false, true]);
    expect(inTime.text).toContain('\n  document 8 of 2026-01-02-00-00-00 is published; the run after its message');
    expect(late.text).toContain('\n  not applied: document 8 of 2026-01-02-00-00-00 is published, and no run');
  });
});

describe('suture ip-ranges remove, if nothing can go', () => {
  it('says why, and does not ask', async () => {
    const error = { name: 'TargetBlocked', message: 'eni-1 would lose 2 rules' };
    const { api, requests } = fakeApi(() => [{ ...PLANNED, services: [], orphan: true, calls: [], error }]);
    const { text, failed } = await ipRangesRemoveCommand({ api });
    expect([failed, requests]).toEqual([true, [readOf({ command: 'plan-removal' })]]);
    expect(text).toContain('eni-1 would lose 2 rules');
  });
});

describe('suture ip-ranges remove', () => {
  const orphan: TargetAnswer = { ...PLANNED, services: [], orphan: true };
  it('shows the calls first, and asks', async () => {
    const { api, requests } = fakeApi(() => [orphan]);
    const shown: string[] = [];
    const options = { api, target: ['web'], show: (text: string) => void shown.push(text) };
    await expect(ipRangesRemoveCommand(options)).rejects.toThrow(/Give --yes to agree/);
    const { text } = await ipRangesRemoveCommand({ ...options, yes: true });
    expect(text.split('\n').at(-1)).toBe('Made 2 calls: 1 added, 1 removed.');
    const planned = readOf({ command: 'plan-removal', targets: ['web'] });
    expect(requests).toEqual([planned, planned, changeOf({ command: 'remove', targets: ['web'] })]);
    expect(shown[0]).toContain('not configured any more');
  });
  it('does nothing if every target is configured', async () => {
    const { api, requests } = fakeApi(() => []);
    const { text, failed } = await ipRangesRemoveCommand({ api });
    expect([failed, text]).toEqual([false, expect.stringContaining('Nothing was removed')]);
    expect(requests).toEqual([readOf({ command: 'plan-removal' })]);
  });
});

const PROPOSAL: Proposal = {
  id: '692a7f10c0ffee00',
  kind: 'ip-ranges',
  digest: 'd'.repeat(64),
  by: 'ada',
  at: '2026-01-01T00:00:00.000Z',
  until: '2026-01-04T00:00:00.000Z',
  summary: ['web: Authorize sg-1 + 443/tcp from 192.0.2.0/24'],
  subject: {},
  state: 'open',
};
/** Adds the answers that are no requests of the function. */
const withAnswers = (api: SignedApi, answers: Readonly<Record<string, object>>): SignedApi => ({
  ...api,
  call: async (route, call) => answers[route] ?? api.call(route, call),
});
const FILE = `${FIXTURES}/origin-facing-46-68-45.1.json`;

describe('suture ip-ranges propose', () => {
  it('has the document in a file planned, shows the plan, asks, and says how it goes on', async () => {
    const { api, requests } = fakeApi(() => [PLANNED]);
    const shown: string[] = [];
    const options = {
      api: withAnswers(api, { proposeIpRanges: { proposal: PROPOSAL } }),
      reason: 'a trial',
      target: ['web'],
      show: (text: string) => void shown.push(text),
    };
    await expect(ipRangesProposeCommand(FILE, options)).rejects.toThrow(/Give --yes to agree/);
    const { text } = await ipRangesProposeCommand(FILE, { ...options, yes: true });
    expect(requests.at(-1)).toMatchObject({
      route: 'planIpRangesDocument',
      body: { document: { syncToken: '1761589700' }, targets: ['web'] },
    });
    expect(shown[0]).toMatch(/\+ 443\/tcp from 192\.0\.2\.0\/24/);
    expect(text).toContain('suture proposals approve 692a7f10c0ffee00');
  });
  it('shows what was done if the organization has one person', async () => {
    const { api } = fakeApi(() => [PLANNED]);
    const alone = withAnswers(api, { proposeIpRanges: { request: '000000000001' } });
    const { text } = await ipRangesProposeCommand(FILE, { api: alone, reason: 'a trial', yes: true });
    expect(text).toContain('2 calls as planned');
  });
  it('refuses a file that is not JSON', async () => {
    const { api, requests } = fakeApi(() => []);
    const propose = (file: string) => ipRangesProposeCommand(file, { api, reason: 'a trial', yes: true });
    await expect(propose(`${FIXTURES}/README.md`)).rejects.toThrow(/is not JSON/);
    await expect(propose('/nowhere')).rejects.toThrow(/cannot be read/);
    expect(requests).toEqual([]);
  });
});

describe('the approval of a proposal', () => {
  it('shows what is proposed, asks, and then what the function did', async () => {
    const { api } = fakeApi(() => [PLANNED]);
    await api.call('readIpRanges', { body: { command: 'plan' } });
    const answers = {
      showProposal: { proposals: [PROPOSAL] },
      answerProposal: { proposal: { ...PROPOSAL, state: 'done' }, request: '000000000001' },
    };
    const options = { now: () => 0, api: await proposalApiWith(withAnswers(api, answers)) };
    await expect(answerProposal('approve', PROPOSAL.id, options)).rejects.toThrow(/Give --yes to agree/);
    const done = await answerProposal('approve', PROPOSAL.id, { ...options, yes: true });
    expect(done).toMatchObject({ failed: false, text: expect.stringContaining('443/tcp from 192.0.2.0/24') });
  });
});
