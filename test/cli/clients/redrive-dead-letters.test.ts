/** Messages that came back are told from new ones by what they say. */
import { expect, it } from 'vitest';
import type { DeadLetterQueue } from '../../../cli/clients/dead-letters.ts';
import type { Operator } from '../../../cli/clients/operator.ts';
import { redriveDeadLetters } from '../../../cli/clients/redrive-dead-letters.ts';
import type { OperatorRun } from '../../../cli/clients/runs.ts';

const QUEUE = { queue: 'suture-notify-dlq', method: { kind: 'invoke', functionName: 'f' } } as DeadLetterQueue;
const OPERATOR = { now: () => 0, sleep: async () => {} } as unknown as Operator;
const UNTIL = '2026-12-01T00:00:00.000Z';

const redriven = (...replies: readonly object[]) => {
  const rest = [...replies, { ...replies.at(-1), redriven: 0, later: [], isMore: false }];
  const send = async () => ({ until: UNTIL, problems: [], isMore: true, ...rest.shift() });
  return redriveDeadLetters(QUEUE, { send } as unknown as OperatorRun, OPERATOR, 10);
};

it('counts those whose content it had redriven, each once, also in an earlier request', async () => {
  const result = await redriven(
    { redriven: 2, later: [], contents: { redriven: ['a', 'b'], later: [] } },
    { redriven: 0, later: ['m1', 'm2'], contents: { redriven: [], later: ['a', 'c'] } },
    { redriven: 1, later: ['m1'], contents: { redriven: ['d'], later: ['a'] } },
  );
  expect(result).toEqual({ redriven: 3, later: 2, cameBack: 1, problems: [] });
});
it('does not guess if the API is of a version that does not tell', async () => {
  expect(await redriven({ redriven: 1, later: ['m1'] })).toMatchObject({ later: 1, cameBack: null });
});
