import { LAB_NAMES } from '../organization/lab-names.ts';
import type { Measurements } from './meter.ts';
import { PRICES } from './prices.ts';

export type Usage = Measurements & { readonly findings: number; readonly transitions: number };

/**
 * A function with this memory gets this share of a processor.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
 */
const MEMORY_GB = 0.5;
const PROCESSOR_SHARE = 512 / 1769;
/** Latency of a call: to a data plane in the same Region, or to a control plane or another Region. */
const NEAR_MS = 10;
const FAR_MS = 100;
const NEAR_SERVICES: ReadonlySet<string> = new Set([
  'dynamodb',
  'sqs',
  'eventbridge',
  'sfn',
  'appconfigdata',
  'securityhub',
  'kms',
]);
/** Lambda's own log lines about an invocation, and a finding's event in the archive. */
const LAMBDA_LOG_BYTES = 500;
const EVENT_BYTES = 5_000;
const BYTES_PER_GB = 1e9;
const TRACED_SHARE = 0.05;

export type FindingCost = Readonly<
  Record<'states' | 'functions' | 'ledger' | 'queue' | 'events' | 'logs' | 'signatures', number>
>;

export function costOf(usage: Usage): FindingCost {
  const { findings, transitions, invocations, calls, writeUnits, readUnits, logBytes } = usage;
  const count = (service: string, operation: RegExp) =>
    calls.filter((call) => call.service === service && operation.test(call.operation)).length;
  const total = {
    states: transitions * PRICES.transition + findings * TRACED_SHARE * PRICES.trace,
    functions: invocations.length * PRICES.invocation + gbSeconds(usage) * PRICES.gbSecond,
    ledger: writeUnits * PRICES.writeUnit + readUnits * PRICES.readUnit,
    queue: count('sqs', /^(Send|Receive|Delete|ChangeMessage)/) * PRICES.queueRequest,
    events:
      count('eventbridge', /^PutEvents$/) * PRICES.event +
      ((findings * EVENT_BYTES) / BYTES_PER_GB) * PRICES.archivedGb,
    logs: ((logBytes + invocations.length * LAMBDA_LOG_BYTES) / BYTES_PER_GB) * PRICES.logGb,
    // Services reuse data keys for minutes, so their requests to KMS do not grow with the findings.
    signatures: count('kms', /^(Generate|Verify)Mac$/) * PRICES.keyRequest,
  };
  return Object.fromEntries(Object.entries(total).map(([name, dollars]) => [name, dollars / findings])) as FindingCost;
}

export const totalCost = (cost: FindingCost): number => Object.values(cost).reduce((sum, dollars) => sum + dollars, 0);

/** Counts a remediation function's time twice, because the proxy waits for it. */
function gbSeconds({ invocations, calls }: Measurements): number {
  const processorMs = sumOfProcessorMs(invocations);
  const nestedMs = sumOfProcessorMs(
    invocations.filter((each) => each.function.startsWith(LAB_NAMES.own('remediation-'))),
  );
  const waitMs = calls
    .filter((call) => call.instance !== undefined && !isFreeWait(call.service, call.operation))
    .reduce((sum, { service }) => sum + (NEAR_SERVICES.has(service) ? NEAR_MS : 2 * FAR_MS), 0);
  return (((processorMs + nestedMs) / PROCESSOR_SHARE + waitMs) / 1000) * MEMORY_GB;
}

const sumOfProcessorMs = (invocations: Measurements['invocations']): number =>
  invocations.reduce((sum, { processorMs = 0 }) => sum + processorMs, 0);

/**
 * Returns whether a call costs no wait: an invocation's is the invoked function's time, and nobody waits for a poll.
 */
const isFreeWait = (service: string, operation: string) =>
  (service === 'lambda' && operation === 'Invoke') || (service === 'sqs' && !operation.startsWith('Send'));
