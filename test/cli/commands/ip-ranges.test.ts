import type { LambdaClient } from '@aws-sdk/client-lambda';
import { describe, expect, it } from 'vitest';
import { ipRangesApplyCommand } from '../../../cli/commands/ip-ranges/apply.ts';
import { ipRangesPlanCommand } from '../../../cli/commands/ip-ranges/plan.ts';
import { ipRangesRemoveCommand } from '../../../cli/commands/ip-ranges/remove.ts';
import { ipRangesStatusCommand } from '../../../cli/commands/ip-ranges/status.ts';
import { UsageError } from '../../../cli/errors/usage-error.ts';
import type { IpRangesCommand, TargetAnswer } from '../../../ip-ranges/contract/command.ts';

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

/** Answers by the request, and keeps its requests. */
function fakeFunction(answer: (request: IpRangesCommand) => TargetAnswer[] | Error) {
  const requests: IpRangesCommand[] = [];
  const send = async ({ input }: { input: { FunctionName: string; Payload: string } }) => {
    expect(input.FunctionName).toBe('suture-ip-ranges');
    requests.push(JSON.parse(input.Payload));
    const result = answer(requests.at(-1)!);
    const failed = result instanceof Error;
    const body = failed ? { errorType: result.name, errorMessage: result.message } : { targets: result };
    return { Payload: new TextEncoder().encode(JSON.stringify(body)), ...(failed && { FunctionError: 'Unhandled' }) };
  };
  return { lambda: { send } as unknown as LambdaClient, requests };
}

describe('suture ip-ranges plan', () => {
  it('shows each call, what it adds and removes, and the capacity of each group', async () => {
    const { lambda, requests } = fakeFunction(() => [PLANNED]);
    const { text, failed } = await ipRangesPlanCommand({ lambda, adopt: true, target: ['web'] });
    expect(failed).toBe(false);
    expect(requests).toEqual([{ command: 'plan', adopt: true, targets: ['web'] }]);
    expect(text).toContain('document 1761592704 of 2025-10-27-19-18-24');
    expect(text).toMatch(/web-1 +sg-1 +46 \+ 3 +2 \+ 0 +60/);
    expect(text).toContain('AuthorizeSecurityGroupIngress sg-1\n    + 443/tcp from 192.0.2.0/24\n');
    expect(text).toContain('RevokeSecurityGroupIngress sg-1\n    - 443/tcp from 198.51.100.0/24\n');
    expect(text).toContain('2 calls: 1 added, 1 removed; 48 ranges in 1 group or list');
  });
  it('fails if a target is blocked, and says why', async () => {
    const error = { name: 'TargetBlocked', message: 'eni-1 has five groups' };
    const { lambda } = fakeFunction(() => [{ ...PLANNED, calls: [], error }]);
    const { text, failed } = await ipRangesPlanCommand({ lambda });
    expect([failed, text]).toEqual([true, expect.stringContaining('TargetBlocked  eni-1 has five groups')]);
  });
  it('sends the document in a file, and refuses a file that is not JSON', async () => {
    const { lambda, requests } = fakeFunction(() => [PLANNED]);
    await ipRangesPlanCommand({ lambda, document: `${FIXTURES}/origin-facing-46-68-45.1.json` });
    expect(requests[0]!.document).toMatchObject({ syncToken: '1761589700' });
    await expect(ipRangesPlanCommand({ lambda, document: `${FIXTURES}/README.md` })).rejects.toThrow(/is not JSON/);
    await expect(ipRangesPlanCommand({ lambda, document: '/nowhere' })).rejects.toThrow(/cannot be read/);
  });
  it('prints JSON for programs', async () => {
    const { lambda } = fakeFunction(() => [PLANNED]);
    expect(JSON.parse((await ipRangesPlanCommand({ lambda, json: true })).text)).toEqual([PLANNED]);
  });
  it("throws the function's own failure", async () => {
    const { lambda } = fakeFunction(() =>
      Object.assign(new Error('No sound document'), { name: 'ServiceUnavailable' }),
    );
    await expect(ipRangesPlanCommand({ lambda })).rejects.toThrow('ServiceUnavailable: No sound document');
  });
  it('ends with wrong usage if the function finds no such target', async () => {
    const invalid = Object.assign(new Error('There is nothing called shpo to plan.'), { name: 'CommandInvalid' });
    const { lambda } = fakeFunction(() => invalid);
    await expect(ipRangesPlanCommand({ lambda, target: ['shpo'] })).rejects.toBeInstanceOf(UsageError);
  });
});

describe('suture ip-ranges apply', () => {
  it('shows the plan first, and asks', async () => {
    const { lambda, requests } = fakeFunction(() => [PLANNED]);
    const shown: string[] = [];
    const show = (text: string) => void shown.push(text);
    await expect(ipRangesApplyCommand({ lambda, show })).rejects.toThrow(/Give --yes to agree/);
    expect(requests.map(({ command }) => command)).toEqual(['plan']);
    await ipRangesApplyCommand({ lambda, show, yes: true, allowShrink: true });
    expect(requests.slice(1)).toEqual(['plan', 'apply'].map((command) => ({ command, allowShrink: true })));
    expect(shown[0]).toContain('2 calls: 1 added');
  });
  it('does nothing if the plan has no calls', async () => {
    const { lambda, requests } = fakeFunction(() => [{ ...PLANNED, calls: [] }]);
    const { text } = await ipRangesApplyCommand({ lambda });
    expect(text).toContain('nothing to do; 48 ranges in 1 group or list');
    expect(requests.map(({ command }) => command)).toEqual(['plan']);
  });
});

describe('suture ip-ranges status', () => {
  it('shows which document each target was brought to', async () => {
    const applied = {
      ...{ syncToken: 7, createDate: '2026-01-01-00-00-00', services: ['CLOUDFRONT'] },
      ...{ at: '2026-01-01T00:00:00.000Z', ranges: 48, groups: 2 },
    };
    const { lambda } = fakeFunction(() => [{ ...BASE, applied, holders: PLANNED.holders, attachedTo: 2 }]);
    const { text } = await ipRangesStatusCommand({ lambda });
    expect(text).toContain(
      'brought to 7 of 2026-01-01-00-00-00 for CLOUDFRONT at 2026-01-01T00:00:00.000Z: 48 ranges in 2 groups or lists',
    );
    expect(text).toContain('attached to 2 network interfaces or load balancers');
  });
});

describe('suture ip-ranges remove, if nothing can go', () => {
  it('says why, and does not ask', async () => {
    const error = { name: 'TargetBlocked', message: 'eni-1 would lose 2 rules' };
    const { lambda, requests } = fakeFunction(() => [{ ...PLANNED, services: [], orphan: true, calls: [], error }]);
    const { text, failed } = await ipRangesRemoveCommand({ lambda });
    expect([failed, requests.map(({ command }) => command)]).toEqual([true, ['plan-removal']]);
    expect(text).toContain('eni-1 would lose 2 rules');
  });
});

describe('suture ip-ranges remove', () => {
  const orphan: TargetAnswer = { ...PLANNED, services: [], orphan: true };
  it('shows the calls first, and asks', async () => {
    const { lambda, requests } = fakeFunction(() => [orphan]);
    const shown: string[] = [];
    const options = { lambda, target: ['web'], show: (text: string) => void shown.push(text) };
    await expect(ipRangesRemoveCommand(options)).rejects.toThrow(/Give --yes to agree/);
    await ipRangesRemoveCommand({ ...options, yes: true });
    expect(requests.map(({ command }) => command)).toEqual(['plan-removal', 'plan-removal', 'remove']);
    expect(requests.at(-1)).toEqual({ command: 'remove', targets: ['web'] });
    expect(shown[0]).toContain('not configured any more');
  });
  it('does nothing if every target is configured', async () => {
    const { lambda, requests } = fakeFunction(() => []);
    const { text, failed } = await ipRangesRemoveCommand({ lambda });
    expect([failed, text]).toEqual([false, expect.stringContaining('Nothing was removed')]);
    expect(requests.map(({ command }) => command)).toEqual(['plan-removal']);
  });
});
