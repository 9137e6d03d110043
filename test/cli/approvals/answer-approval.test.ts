import { describe, expect, it } from 'vitest';
import { answerCommand, approvalPage } from '../../../cli/approvals/answer-approval.ts';
import type { ApprovalApi } from '../../../cli/clients/approvals.ts';
import { Failure } from '../../../cli/errors/failure.ts';
import type { ApprovalDetail } from '../../../functions/domain/approval.ts';

const session = (role: string, person: string) => `arn:aws:sts::222222222222:assumed-role/${role}/${person}`;
const APPROVAL: ApprovalDetail = {
  ...{ id: '0123456789abcdef0123456789abcdef', control: 'EC2.13', title: 'Close SSH and RDP to the internet' },
  ...{ account: '333333333333', region: 'us-east-1', resource: 'sg-1', remediation: 'ec2/close-admin-ports' },
  ...{ risk: 'disruptive', summary: 'Revoke tcp 22 from 0.0.0.0/0', status: 'waiting' },
  before: { name: 'web', rules: [{ port: 22 }, { port: 443 }] },
  after: { name: 'web', rules: [{ port: 443 }] },
  ...{ askedBy: session('suture-operator', 'ada'), askedAt: '2026-11-30T01:00:00Z', until: '2026-12-01T01:00:00Z' },
};
const API: ApprovalApi = {
  list: async () => [APPROVAL],
  show: async () => APPROVAL,
  requirePermission: async () => {},
  answer: async (id, { answer }) => ({ id, answer, by: session('suture-approver', 'grace'), at: APPROVAL.askedAt }),
};

describe('the page of an approval', () => {
  it('shows the difference between the states, as show does, and not each state whole', () => {
    const lines = approvalPage(APPROVAL).split('\n');
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}difference {4} {2}\{$/));
    expect(lines).toContain(`${' '.repeat(16)}-     { "port": 22 },`);
    expect(lines.join('\n')).not.toMatch(/before|\{"/);
    const names = new Map([[APPROVAL.account, 'shop-production']]);
    expect(approvalPage(APPROVAL, names)).toContain(`account       ${APPROVAL.account} (shop-production), `);
  });
});

describe('suture approve', () => {
  const answer = (what: 'approve' | 'deny', person: string, yes: boolean) =>
    answerCommand(what, APPROVAL.id, {
      api: API,
      names: async () => new Map(),
      yes,
      caller: async () => session('suture-approver', person),
    });

  it('refuses the person who asked for the change before the question', async () => {
    await expect(answer('approve', 'ada', false)).rejects.toMatchObject({
      name: 'Failure',
      message: `${APPROVAL.askedBy} asked for this change. Somebody else must approve it.`,
    });
  });
  it('says of the id of a proposal which commands answer it', async () => {
    const api = { ...API, list: async () => [] };
    await expect(answerCommand('approve', '692a7f10c0ffee00', { api, names: async () => new Map() })).rejects.toThrow(
      '692a7f10c0ffee00 is the id of a proposal, not of a change that waits. Answer it with suture proposals approve 692a7f10c0ffee00',
    );
  });
  it('refuses somebody who may not answer after the plan and before the question', async () => {
    const shown: string[] = [];
    const requirePermission = async (id: string) => {
      throw new Failure(`IAM does not let you use POST /approvals/${id}`);
    };
    const options = {
      api: { ...API, requirePermission },
      names: async () => new Map(),
      caller: async () => session('suture-viewer', 'grace'),
    };
    const show = (text: string) => void shown.push(text);
    await expect(answerCommand('approve', APPROVAL.id, { ...options, show })).rejects.toThrow('IAM does not let you');
    expect(shown).toEqual([expect.stringContaining('Close SSH and RDP')]);
  });
  it('asks anybody else, and that person about a denial', async () => {
    await expect(answer('approve', 'grace', false)).rejects.toThrow('nobody can be asked');
    expect(await answer('approve', 'grace', true)).toMatch(/^Approved by /);
    expect(await answer('deny', 'ada', true)).toMatch(/^Denied by /);
  });
});
