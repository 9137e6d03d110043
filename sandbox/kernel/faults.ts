/** Fault rules by chance: the same seed over the same calls gives the same faults, in AWS's forms. */
import type { Fault, FaultableCall, FaultRule } from './fault.ts';
import { randomness } from './random.ts';

export type FaultChance = {
  /** From 0 to 1. */
  readonly share: number;
  readonly fault: Fault | FaultRule;
  readonly only?: (call: FaultableCall) => boolean;
};

/** Returns a rule for `kernel.faults`. It tries the chances in order; a call gets at most one fault. */
export function seededFaults(seed: number, chances: readonly FaultChance[]): FaultRule {
  const { random } = randomness(seed);
  return (call) => {
    const fault = chances.find(({ share, only }) => (only?.(call) ?? true) && random() < share)?.fault;
    return typeof fault === 'function' ? fault(call) : fault;
  };
}

export const throttled = ({ throttling }: FaultableCall): Fault => ({ kind: 'error', ...throttling });

export const OUTAGE: Fault = { kind: 'error', code: 'InternalServerError', status: 500, message: 'Internal failure' };

const ONGOING = 'Transaction is ongoing for the item';

/**
 * Fails a write to DynamoDB as if another transaction worked on its first item; other calls get no fault.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling
 */
export function transactionConflict({ service, operation, input }: FaultableCall): Fault | undefined {
  if (service !== 'dynamodb') return undefined;
  if (['PutItem', 'UpdateItem', 'DeleteItem'].includes(operation))
    return { kind: 'error', code: 'TransactionConflictException', message: ONGOING };
  if (operation !== 'TransactWriteItems') return undefined;
  const CancellationReasons = input.TransactItems.map((_: unknown, n: number) =>
    n === 0 ? { Code: 'TransactionConflict', Message: ONGOING } : { Code: 'None' },
  );
  const codes = CancellationReasons.map(({ Code }: { Code: string }) => Code).join(', ');
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  return { kind: 'error', code: 'TransactionCanceledException', message, fields: { CancellationReasons } };
}
