import { expect, it } from 'vitest';
import { dlqRedriveCommand } from '../../../cli/commands/dlq/redrive.ts';
import { deadLetterQueues, notRedriven } from '../../../functions/domain/dead-letters.ts';

const INSTALLATION = { prefix: 'suture' };

it('no queue is both redriven and not', () => {
  const names = Object.keys(deadLetterQueues(INSTALLATION));
  expect(names.length).toBeGreaterThan(4);
  expect(names.filter((name) => notRedriven(INSTALLATION, name))).toEqual([]);
});

it('suture dlq redrive says of the queue of the audit chain that it is read by hand, and not that it is unknown', async () => {
  const redrive = (name: string) => dlqRedriveCommand(name, { reason: 'a test', yes: true });
  await expect(redrive('suture-audit-trail-dlq')).rejects.toThrow(
    /^suture-audit-trail-dlq is not redriven: .*runbook\.md#audit-trail-dlq$/,
  );
  await expect(redrive('audit-trail-dlq')).rejects.toThrow('did you mean suture-audit-trail-dlq?');
  await expect(redrive('suture-audit-trail')).rejects.toThrow('There is no dead-letter queue "suture-audit-trail"');
});

it.each([
  ['notify-dlq', 'suture-notify-dlq'],
  ['notify-dql', 'suture-notify-dlq'],
  ['messages-tickets-dlq', 'suture-messages-tickets-dlq'],
])('suture dlq redrive %s asks whether %s is meant', async (name, meant) => {
  await expect(dlqRedriveCommand(name, { reason: 'a test', yes: true })).rejects.toThrow(
    `There is no dead-letter queue "${name}"; did you mean ${meant}?`,
  );
});
