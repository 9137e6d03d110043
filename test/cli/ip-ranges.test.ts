import type { LambdaClient } from '@aws-sdk/client-lambda';
import { describe, expect, it } from 'vitest';
import { ipRangesCommand } from '../../cli/commands/ip-ranges.ts';
import type { IpRangesCommand, TargetAnswer } from '../../ip-ranges/contract/command.ts';
import { ipRangesBench } from '../../lab/bench/ip-ranges.ts';

const FIXTURES = new URL('../fixtures/ip-ranges', import.meta.url).pathname;
const base = { target: '333333333333/us-east-1/web', mode: 'security-groups', services: ['CLOUDFRONT'] };
const planned: TargetAnswer = {
  ...base,
  syncToken: '1761592704',
  createDate: '2025-10-27-19-18-24',
  holders: [{ id: 'sg-1', name: 'web-1', own: { IPv4: 46, IPv6: 2 }, others: { IPv4: 3, IPv6: 0 }, limit: 60 }],
  attachedTo: 2,
  calls: [
    { call: 'AuthorizeSecurityGroupIngress', on: 'sg-1', add: ['443/tcp from 192.0.2.0/24'] },
    { call: 'RevokeSecurityGroupIngress', on: 'sg-1', remove: ['443/tcp from 198.51.100.0/24'] },
  ],
  figures: { ranges: 48, rules: 48, added: 1, removed: 1, groups: 1 },
  notes: [],
};

/** The function, which answers by what it is asked, and keeps what that was. */
function functionThat(answer: (command: IpRangesCommand) => TargetAnswer[] | Error) {
  const asked: IpRangesCommand[] = [];
  const send = async ({ input }: { input: { FunctionName: string; Payload: string } }) => {
    expect(input.FunctionName).toBe('suture-ip-ranges');
    asked.push(JSON.parse(input.Payload));
    const given = answer(asked.at(-1)!);
    const failed = given instanceof Error;
    const body = failed ? { errorType: given.name, errorMessage: given.message } : { targets: given };
    return { Payload: new TextEncoder().encode(JSON.stringify(body)), ...(failed && { FunctionError: 'Unhandled' }) };
  };
  return { lambda: { send } as unknown as LambdaClient, asked };
}

describe('suture ip-ranges', () => {
  it('plan shows each call, what it adds and takes away, and the capacity of each group', async () => {
    const { lambda, asked } = functionThat(() => [planned]);
    const { text, failed } = await ipRangesCommand('plan', { lambda, compact: true, target: ['web'] });
    expect(failed).toBe(false);
    expect(asked).toEqual([{ command: 'plan', compact: true, targets: ['web'] }]);
    expect(text).toContain('document 1761592704 of 2025-10-27-19-18-24');
    expect(text).toMatch(/web-1 +sg-1 +46 \+ 3 +2 \+ 0 +60/);
    expect(text).toContain('AuthorizeSecurityGroupIngress sg-1\n    + 443/tcp from 192.0.2.0/24\n');
    expect(text).toContain('RevokeSecurityGroupIngress sg-1\n    - 443/tcp from 198.51.100.0/24\n');
    expect(text).toContain('2 calls: 1 added, 1 removed; 48 ranges in 1 group or list');
  });
  it('plan says what is in the way, and ends with failure', async () => {
    const error = { name: 'TargetBlocked', message: 'eni-1 has five groups' };
    const { lambda } = functionThat(() => [{ ...planned, calls: [], error }]);
    const { text, failed } = await ipRangesCommand('plan', { lambda });
    expect([failed, text]).toEqual([true, expect.stringContaining('TargetBlocked  eni-1 has five groups')]);
  });
  it('apply shows the plan first, and asks', async () => {
    const { lambda, asked } = functionThat(() => [planned]);
    const shown: string[] = [];
    const show = (text: string) => void shown.push(text);
    await expect(ipRangesCommand('apply', { lambda, show })).rejects.toThrow(/Give --yes to agree/);
    expect(asked.map(({ command }) => command)).toEqual(['plan']);
    await ipRangesCommand('apply', { lambda, show, yes: true, allowShrink: true });
    expect(asked.slice(1)).toEqual(['plan', 'apply'].map((command) => ({ command, allowShrink: true })));
    expect(shown[0]).toContain('2 calls: 1 added');
  });
  it('apply does nothing where nothing is to do', async () => {
    const { lambda, asked } = functionThat(() => [{ ...planned, calls: [] }]);
    const { text } = await ipRangesCommand('apply', { lambda });
    expect(text).toContain('nothing to do; 48 ranges in 1 group or list');
    expect(asked.map(({ command }) => command)).toEqual(['plan']);
  });
  it('status shows where a target stands', async () => {
    const applied = { syncToken: 7, at: '2026-01-01T00:00:00.000Z', ranges: 48, groups: 2 };
    const { lambda } = functionThat(() => [{ ...base, applied, holders: planned.holders, attachedTo: 2 }]);
    const { text } = await ipRangesCommand('status', { lambda });
    expect(text).toContain('brought to 7 at 2026-01-01T00:00:00.000Z: 48 ranges in 2 groups or lists');
    expect(text).toContain('attached to 2 network interfaces or load balancers');
  });
  it('sends a document of a file, and says when it is none', async () => {
    const { lambda, asked } = functionThat(() => [planned]);
    await ipRangesCommand('plan', { lambda, document: `${FIXTURES}/origin-facing-46-68-45.1.json` });
    expect(asked[0]!.document).toMatchObject({ syncToken: '1761589700' });
    await expect(ipRangesCommand('plan', { lambda, document: `${FIXTURES}/README.md` })).rejects.toThrow(/is not JSON/);
    await expect(ipRangesCommand('plan', { lambda, document: '/nowhere' })).rejects.toThrow(/cannot be read/);
  });
  it('prints for programs', async () => {
    const { lambda } = functionThat(() => [planned]);
    expect(JSON.parse((await ipRangesCommand('plan', { lambda, json: true })).text)).toEqual([planned]);
  });
  it("tells the function's own failure", async () => {
    const { lambda } = functionThat(() =>
      Object.assign(new Error('No sound document'), { name: 'ServiceUnavailable' }),
    );
    await expect(ipRangesCommand('plan', { lambda })).rejects.toThrow('ServiceUnavailable: No sound document');
  });
});

describe('npm run bench -- ip-ranges', () => {
  it('replays a directory beside a revoke-first, index-chunked updater', async () => {
    const { documents, results } = JSON.parse(await ipRangesBench({ documents: FIXTURES, json: true }));
    expect(documents).toBe(10);
    for (const service of ['CLOUDFRONT_ORIGIN_FACING', 'CLOUDFRONT']) {
      const [suture, other] = ['suture', 'revoke-first'].map((updater) =>
        results.find((one: { service: string; updater: string }) => one.service === service && one.updater === updater),
      );
      expect(suture.authorized).toBeLessThan(other.authorized);
      expect(suture.revoked).toBeLessThan(other.revoked);
      expect(suture.stillWanted).toBe(0);
      expect(other.stillWanted).toBeGreaterThan(0);
      expect(suture.groups).toBeLessThanOrEqual(other.groups);
    }
  });
  it('replays in the order of the syncTokens: the last one counts', async () => {
    const { results } = JSON.parse(
      await ipRangesBench({ documents: FIXTURES, service: ['CLOUDFRONT_ORIGIN_FACING'], ports: '80,443', json: true }),
    );
    const [{ authorized, revoked, documents }] = results;
    expect([documents, authorized - revoked]).toEqual([5, 2 * 48]);
  });
  it('says where there is nothing to replay', async () => {
    await expect(ipRangesBench({ documents: '/nowhere' })).rejects.toThrow(/cannot be read/);
  });
});
