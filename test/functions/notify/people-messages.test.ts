import { describe, expect, it } from 'vitest';
import { PROPOSAL_KINDS, type Proposal } from '../../../functions/domain/proposal.ts';
import { peopleMessage } from '../../../functions/notify/people-messages.ts';

const ADA = 'arn:aws:sts::111111111111:assumed-role/suture-operator/ada';
const proposal = (more: Partial<Proposal> = {}): Proposal => ({
  id: '692a7f10c0ffee00',
  kind: 'policy',
  digest: 'a'.repeat(64),
  by: ADA,
  at: '2026-11-22T12:00:00.000Z',
  until: '2026-11-25T12:00:00.000Z',
  summary: ['EC2.13: observe → auto'],
  subject: {},
  state: 'open',
  ...more,
});

describe('a message about a proposal', () => {
  it.each(PROPOSAL_KINDS)('says who proposes what, until when, and how to answer: %s', (kind) => {
    const { subject, text } = peopleMessage({ proposal: proposal({ kind }) });
    expect(subject).toMatch(/^Suture asks: ada proposes /);
    for (const part of [ADA, '2026-11-25T12:00:00.000Z', '! EC2.13: observe → auto']) expect(text).toContain(part);
    expect(text).toContain('approve:  suture proposals approve 692a7f10c0ffee00');
    expect(text).toContain('  suture proposals deny 692a7f10c0ffee00');
  });

  it('has at most thirty lines of summary', () => {
    const summary = Array.from({ length: 40 }, (_, n) => `line ${n}`);
    const { text } = peopleMessage({ proposal: proposal({ summary }) });
    expect(text).toContain('! line 29');
    expect(text).not.toContain('line 30');
    expect(text).toContain('and 10 more lines');
  });
});

it('a message has the reason of the person who proposes, if they gave one', () => {
  const text = (more: Partial<Proposal>) => peopleMessage({ proposal: proposal(more) }).text;
  expect(text({ reason: 'wave 2' })).toContain('\nTheir reason: wave 2\n');
  expect(text({})).not.toContain('reason:');
});

it('a message is plain text, whatever a name or a line contains', () => {
  const hostile = '<https://evil.example|click>\n\u202e*x*';
  const messages = [
    peopleMessage({ proposal: proposal({ by: `${ADA}${hostile}`, summary: [hostile], reason: hostile }) }),
    peopleMessage({ by: `${ADA}${hostile}`, at: '2026-11-22T12:00:00.000Z', words: hostile }),
  ];
  for (const { subject, text } of messages) {
    expect(`${subject} ${text}`).not.toMatch(/https:|[<>*\u202e]/);
    expect(text).toContain('evil(.)example');
  }
});
