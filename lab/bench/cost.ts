/** What AWS bills for what was counted. */
import type { Counted } from './meter.ts';
import { PRICES } from './prices.ts';

/** Of so many findings that were dealt with together. */
export type Bill = Counted & { readonly findings: number; readonly transitions: number };

/** Memory of a function in GB, and the part of a processor that it comes with. https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const MEMORY = 0.5;
const PROCESSOR = 512 / 1769;
/** Milliseconds that a call waits for AWS: in its own Region; somewhere else, or for one that manages resources. */
const NEAR = 10;
const FAR = 100;
const IS_NEAR = new Set(['dynamodb', 'sqs', 'eventbridge', 'sfn', 'appconfigdata', 'securityhub']);
/** Bytes of Lambda's own lines about an invocation, and of a finding's event in the archive. */
const OWN_LINES = 500;
const EVENT = 5_000;
const GB = 1e9;
/** The part of the executions that is traced. */
const TRACED = 0.05;

export type Cost = Readonly<Record<'states' | 'functions' | 'ledger' | 'queue' | 'events' | 'logs', number>>;

/** Dollars for one finding. */
export function costOf(bill: Bill): Cost {
  const { findings, transitions, invocations, calls, writeUnits, readUnits, logBytes } = bill;
  const times = (service: string, operation: RegExp) =>
    calls.filter((call) => call.service === service && operation.test(call.operation)).length;
  const all = {
    states: transitions * PRICES.transition + findings * TRACED * PRICES.trace,
    functions: invocations.length * PRICES.invocation + gbSeconds(bill) * PRICES.gbSecond,
    ledger: writeUnits * PRICES.writeUnit + readUnits * PRICES.readUnit,
    queue: times('sqs', /^(Send|Receive|Delete|ChangeMessage)/) * PRICES.queueRequest,
    events: times('eventbridge', /^PutEvents$/) * PRICES.event + ((findings * EVENT) / GB) * PRICES.archivedGb,
    logs: ((logBytes + invocations.length * OWN_LINES) / GB) * PRICES.logGb,
  };
  return Object.fromEntries(Object.entries(all).map(([name, dollars]) => [name, dollars / findings])) as Cost;
}

export const total = (cost: Cost): number => Object.values(cost).reduce((sum, dollars) => sum + dollars, 0);

/** Whoever waits for a function that waits pays for both. */
function gbSeconds({ invocations, calls }: Counted): number {
  const computed = invocations.reduce((sum, { processorMs = 0 }) => sum + processorMs, 0);
  const nested = invocations
    .filter((each) => each.function.startsWith('suture-remediation-'))
    .reduce((sum, { processorMs = 0 }) => sum + processorMs, 0);
  const waits = calls
    .filter(({ instance, service, operation }) => instance !== undefined && !isWaitForFunction(service, operation))
    .reduce((sum, { service }) => sum + (IS_NEAR.has(service) ? NEAR : 2 * FAR), 0);
  return (((computed + nested) / PROCESSOR + waits) / 1000) * MEMORY;
}

const isWaitForFunction = (service: string, operation: string) =>
  (service === 'lambda' && operation === 'Invoke') || (service === 'sqs' && !operation.startsWith('Send'));
