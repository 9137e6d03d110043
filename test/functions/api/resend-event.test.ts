import { describe, expect, it } from 'vitest';
import { resendEvent } from '../../../functions/api/resend-event.ts';
import type { MessageEvent } from '../../../functions/domain/owner-message.ts';
import type { LedgerRecord } from '../../../functions/ports/ledger-queries.ts';
import { DEFAULT_NAMES } from '../../support/names.ts';

const RULE = 'arn:aws:events:us-east-1:111111111111:rule/suture/suture-messages-desk-open-owned';
const NOTIFIED = 'suture.finding.notified.v1';
const detailOf = (more: object = {}) => ({
  ...{
    version: 1,
    id: 'e-notified',
    finding: { id: 'f', title: 'open to the world' },
    execution: 'e',
    at: '2026-11-30T10:00:00.000Z',
  },
  message: { ticket: 'suture-1' },
  ...more,
});
const letterOf = (type: string, detail: object, ruleArn?: string) => ({
  ...{ id: 'm', receipt: 'r', sentAtMs: 0, body: JSON.stringify({ 'detail-type': type, source: 'suture', detail }) },
  ...(ruleArn !== undefined && { ruleArn }),
});

async function told(letter: ReturnType<typeof letterOf>, record: Partial<LedgerRecord> | undefined) {
  const sent: MessageEvent[] = [];
  const result = await resendEvent(letter, 'desk', {
    installation: DEFAULT_NAMES,
    record: async () => record as LedgerRecord | undefined,
    publishMessage: async (event) => void sent.push(event),
  });
  return { result, sent };
}
const STANDS = { lastExecution: 'e', ofStatus: 'NOTIFIED' } as const;

describe('a dead letter of a place', () => {
  it('is sent again by the rule that failed, with its whole event, if it agrees with the ledger', async () => {
    const { result, sent } = await told(letterOf(NOTIFIED, detailOf(), RULE), STANDS);
    expect(result).toBe('sent to desk again');
    const again = { place: 'desk', rule: 'open-owned', event: NOTIFIED };
    expect(sent).toEqual([{ name: 'suture.message.again.v1', detail: { ...detailOf(), again } }]);
    // It failed again.
    const twice = await told(letterOf('suture.message.again.v1', { ...detailOf(), again }, RULE), STANDS);
    expect(twice.sent).toEqual(sent);
  });

  it.each<[what: string, type: string, record: Partial<LedgerRecord> | undefined, because: string]>([
    [
      'of a finding that is fixed meanwhile',
      NOTIFIED,
      { ...STANDS, ofStatus: 'FIXED' },
      'its finding is FIXED meanwhile',
    ],
    ['of a finding that another execution has', NOTIFIED, { ...STANDS, lastExecution: 'x' }, 'a later execution, x'],
    ['of a finding that the ledger lacks', NOTIFIED, undefined, 'the ledger does not know its finding'],
    [
      'that would close a reopened ticket',
      'suture.finding.fixed.v1',
      { ...STANDS, ofStatus: 'FIXED', reopenedAt: '2026-12-01T10:00:00.000Z' },
      'its finding is reopened meanwhile',
    ],
    [
      'of a reopening',
      'suture.finding.reopened.v1',
      { ...STANDS, ofStatus: 'FIXED' },
      'its finding is FIXED meanwhile',
    ],
    ['to a chat', 'suture.owner.message.v1', STANDS, 'suture.owner.message.v1 is about an earlier day'],
    ['that is a test', 'suture.message.test.v1', STANDS, 'suture.message.test.v1 is a test, about no finding'],
  ])('%s is dropped', async (_, type, record, because) => {
    const { result, sent } = await told(letterOf(type, detailOf(), RULE), record);
    expect(result).toContain(`dropped: ${because}`);
    expect(sent).toEqual([]);
  });

  it('is dropped if it does not come from a rule of the place', async () => {
    for (const rule of [undefined, RULE.replace('desk', 'night')])
      expect((await told(letterOf(NOTIFIED, detailOf(), rule), STANDS)).result).toContain('which rule of desk failed');
  });
});
