import { describe, expect, it } from 'vitest';
import { FindingEvent } from '../../../functions/domain/finding.ts';
import { SuturePolicy } from '../../../functions/domain/policy.ts';
import { REMEDIATIONS } from '../../../functions/remediations/registry.generated.ts';
import { triage } from '../../../functions/triage/decide.ts';
import { ACCOUNT, eventOf, genuineFinding, SECURITY } from '../finding.ts';
import { type Accounts, FORGERIES, SUSPENDED, VICTIM } from './forgeries.ts';

const ACCOUNTS: Accounts = { own: ACCOUNT, security: SECURITY, service: '222222222222' };
const STATES: Readonly<Record<string, string>> = {
  [ACCOUNT]: 'ACTIVE',
  [VICTIM]: 'ACTIVE',
  [SECURITY]: 'ACTIVE',
  [ACCOUNTS.service]: 'ACTIVE',
  [SUSPENDED]: 'SUSPENDED',
};
const policy = SuturePolicy.parse({
  version: 1,
  controls: { 'EC2.7': 'auto', 'EC2.13': 'auto', 'IAM.3': 'auto', 'S3.8': 'auto' },
});

function verdictOn(made: unknown) {
  const event = FindingEvent.parse(made);
  const raw = event.detail.findings[0];
  const organization = {
    securityAccount: SECURITY,
    homeRegion: 'us-east-1',
    excluded: [SECURITY, ACCOUNTS.service],
    status: STATES[(raw as { AwsAccountId: string }).AwsAccountId],
  };
  return triage(event, raw, { remediations: REMEDIATIONS, policy, organization, today: '2026-11-22' });
}

it('the finding that the forgeries change is genuine', () => {
  expect(verdictOn(eventOf(genuineFinding())).route).toBe('remediate');
});

describe('a forgery is rejected with its reason:', () => {
  it.each(Object.entries(FORGERIES))('%s', (_, { forge, because }) => {
    const verdict = verdictOn(forge(eventOf(structuredClone(genuineFinding())), ACCOUNTS));
    expect(verdict).toMatchObject({ route: 'reject', reason: expect.stringContaining(because) });
    expect(verdict.work).toBeUndefined();
  });
});
