/** Faults by chance, from a seed: the same seed over the same calls gives the same faults. And the faults that AWS has a form of its own for. */
import type { Fault, FaultRule } from './kernel.ts';
import { randomness } from './random.ts';

type Call = Parameters<FaultRule>[0];

export type Chance = {
  /** Share of the calls that meet this fault, 0 to 1. */
  readonly share: number;
  /** The fault, or which one it is for this call. */
  readonly fault: Fault | FaultRule;
  /** The calls that may meet it; default: all. */
  readonly only?: (call: Call) => boolean;
};

/** A rule for `kernel.faults`. Chances are tried in order; a call meets one fault at most. */
export function seededFaults(seed: number, chances: readonly Chance[]): FaultRule {
  const { random } = randomness(seed);
  return (call) => {
    const met = chances.find(({ share, only }) => (only?.(call) ?? true) && random() < share)?.fault;
    return typeof met === 'function' ? met(call) : met;
  };
}

/** Names under which services throttle, where it is not ThrottlingException. */
const THROTTLING: Readonly<Record<string, readonly [code: string, status: number]>> = {
  dynamodb: ['ProvisionedThroughputExceededException', 400],
  ec2: ['RequestLimitExceeded', 503],
  iam: ['Throttling', 400],
  lambda: ['TooManyRequestsException', 429],
  organizations: ['TooManyRequestsException', 400],
  s3: ['SlowDown', 503],
  s3control: ['SlowDown', 503],
  securityhub: ['TooManyRequestsException', 429],
  sqs: ['RequestThrottled', 403],
  sts: ['Throttling', 400],
};

/** The call is throttled, under the name that its service uses. */
export function throttled({ service }: Call): Fault {
  const [code, status] = THROTTLING[service] ?? ['ThrottlingException', 400];
  return { kind: 'error', code, status, message: 'Rate exceeded' };
}

/** The service fails by itself. */
export const outage: Fault = { kind: 'error', code: 'InternalServerError', status: 500, message: 'Internal failure' };

const ONGOING = 'Transaction is ongoing for the item';

/**
 * Another transaction is under way on an item that DynamoDB shall write; nothing where no item is written.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling
 */
export function transactionConflict({ service, operation, input }: Call): Fault | undefined {
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
