import { expect, it } from 'vitest';
import { deadLetterFacts, deadLetterQueues } from '../../../functions/domain/dead-letters.ts';
import { REMEDIATIONS } from '../../../functions/remediations/registry.generated.ts';
import { parseContext } from '../../../stacks/context.ts';
import { SAMPLE_CONTEXT, synthesizeTemplates } from '../../stacks/templates.ts';
import { DEFAULT_NAMES } from '../../support/names.ts';

it('lists every dead-letter queue of the stacks, and no other', async () => {
  const { default: cdk } = await import('../../../cdk.json', { with: { type: 'json' } });
  const { ipRanges } = (cdk as { context: { suture: { ipRanges?: object } } }).context.suture;
  const { templates } = synthesizeTemplates(
    REMEDIATIONS,
    parseContext({ ...SAMPLE_CONTEXT, regions: ['us-east-1'], homeRegion: 'us-east-1', ipRanges }),
  );
  const queues = [...templates.values()].flatMap((template) =>
    Object.values(template.findResources('AWS::SQS::Queue')),
  );
  const names = queues
    .filter(({ Properties }) => Properties.RedrivePolicy === undefined)
    .map(({ Properties }) => Properties.QueueName);
  expect(names.sort()).toEqual(Object.keys(deadLetterQueues(DEFAULT_NAMES)).sort());
});

it('knows the queues of places of messages by their names, those of this installation alone', () => {
  const methodOf = (queue: string) => deadLetterFacts(DEFAULT_NAMES, queue)?.method;
  expect(methodOf('suture-messages-team-chat-dlq')).toEqual({ kind: 'resend', place: 'team-chat' });
  expect(methodOf('suture-failures-dlq')).toEqual({ kind: 'move', to: 'suture-failures' });
  for (const queue of [
    'suture-messages--dlq',
    'suture-messages-dlq',
    'other-messages-chat-dlq',
    'suture-audit-trail-dlq',
  ])
    expect(methodOf(queue), queue).toBeUndefined();
});
