import { describe, expect, it } from 'vitest';
import type { ApprovalApi } from '../../../cli/clients/approvals.ts';
import { approvalsCommand } from '../../../cli/commands/approvals.ts';
import type { ApprovalView } from '../../../functions/domain/approval.ts';

const APPROVAL = {
  ...{ id: '0123456789abcdef0123456789abcdef', control: 'EC2.13', account: '333333333333', region: 'us-east-1' },
  ...{ resource: 'sg-1', risk: 'disruptive', summary: 'Revoke tcp 22', until: '2026-12-01T01:00:00Z' },
} as ApprovalView;
const api = { list: async () => [APPROVAL] } as unknown as ApprovalApi;
const namesOf = async (accounts: readonly string[]) => new Map(accounts.map((id) => [id, 'shop-production']));
const options = { api, namesOf, now: () => Date.parse('2026-12-01T00:00:00Z') };

describe('the list of approvals', () => {
  it('says that proposals wait too, also if nothing else does', async () => {
    const none = { ...options, api: { list: async () => [] } as unknown as ApprovalApi, countProposals: async () => 1 };
    expect(await approvalsCommand({ ...none, isTerminal: true, width: 80 })).toBe(
      'Nothing waits for approval.\n1 proposal waits too: suture proposals list',
    );
    expect(await approvalsCommand({ ...none, json: true })).toBe('[]');
  });
  it('names accounts on a terminal, as the list of findings does', async () => {
    const [, line] = (await approvalsCommand({ ...options, isTerminal: true, width: 80 })).split('\n');
    expect(line).toMatch(/^01234567 {2}EC2\.13 +disruptive {2}shop-production {2}/);
  });
  it('has the id and the name in csv, and the id alone in a line for programs', async () => {
    expect(await approvalsCommand({ ...options, output: 'csv' })).toMatch(
      /account name.*\n.*,333333333333,shop-production,/,
    );
    expect(await approvalsCommand({ ...options, isTerminal: false })).toMatch(/\t333333333333\t/);
  });
});
