/**
 * Performs every call, over the wire or inside: injected faults, quota, IAM, then the operation itself, and a line in
 * the log.
 */

import { AwsError } from './aws-error.ts';
import type { CallRecord, IamDecision } from './call-log.ts';
import { lettingTimePass } from './clock.ts';
import type { Fault, FaultableCall } from './fault.ts';
import { hook } from './hooks.ts';
import type { AwsPlace } from './place.ts';
import { type Principal, principalName } from './principal.ts';
import type { At, InstanceRequest, Kernel, Need, Service, ServiceOperation } from './service.ts';
import { denialOf, isReadOperation, throttlingOf } from './service-facts.ts';
import type { ServiceStates } from './states.ts';
import { takeToken } from './throttle.ts';

/** Tells the server to drop the connection without an answer. */
export class Cut extends Error {
  override readonly name = 'Cut';
}

export type ServiceCall = {
  readonly principal: Principal;
  readonly place: AwsPlace;
  readonly service: Service;
  readonly operation: string;
  readonly input: any;
  /** The function instance that makes the call, if it came over the wire from one, and the call's request. */
  readonly source?: InstanceRequest;
};

type Operation = ServiceOperation<any, any, any>;

/** Performs one call. @throws AwsError, or Cut where a fault keeps the answer from the caller */
export async function performCall(kernel: Kernel, states: ServiceStates, call: ServiceCall): Promise<unknown> {
  const record = startRecord(kernel, call);
  try {
    const operation = operationOf(call);
    const fault = faultFor(kernel, call);
    failBefore(kernel, call, fault);
    // A fault keeps the outcome from the caller whether the operation fails or not.
    const [outcome] = await Promise.allSettled([runOperation(kernel, states, call, operation, fault, record)]);
    if (fault?.kind === 'cutAfter') throw new Cut();
    if (fault?.kind === 'late') await delay(kernel, call, fault.seconds);
    if (fault?.kind === 'killAfter') killCaller(kernel, call);
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  } catch (error) {
    record.error = error instanceof AwsError ? error.code : error instanceof Cut ? 'Cut' : 'InternalFailure';
    throw error;
  }
}

function operationOf({ service, operation }: ServiceCall): Operation {
  const found = (service.operations as Record<string, Operation>)[operation];
  if (found) return found;
  throw new AwsError('NotModelled', `The sandbox does not model ${service.name} ${operation}`, 501);
}

/** Throws the faults by which a call takes no effect. */
function failBefore(kernel: Kernel, call: ServiceCall, fault: Fault | undefined): void {
  if (fault?.kind === 'error')
    throw new AwsError(fault.code, fault.message ?? `${fault.code} (seeded fault)`, fault.status, fault.fields);
  if (fault?.kind === 'cutBefore') throw new Cut();
  if (fault?.kind === 'killBefore') killCaller(kernel, call);
}

async function runOperation(
  kernel: Kernel,
  states: ServiceStates,
  call: ServiceCall,
  operation: Operation,
  fault: Fault | undefined,
  record: OpenRecord,
): Promise<unknown> {
  const { principal, place, service, input } = call;
  const at: At<unknown> = {
    ...place,
    kernel,
    principal,
    requestId: kernel.uuid(),
    state: fault?.kind === 'stale' ? states.earlier(service, place) : states.current(service, place),
    whileWaiting: (wait) => parked(kernel, call, () => lettingTimePass(wait)),
  };
  if (!isReadOperation(service, call.operation)) states.remember(service, place);
  if (operation.quota) takeToken(kernel, service, call.operation, place, operation.quota);
  return recordDecisions(kernel, record, () => {
    for (const need of needsOf(operation, call, at)) kernel.authorize(principal, place, need, service.name);
    return operation.run(input, at);
  });
}

/** Runs the synchronous start of a call. No other call decides in between, so all new decisions are this one's. */
function recordDecisions<T>(kernel: Kernel, record: OpenRecord, start: () => T): T {
  const first = kernel.decisions.length;
  try {
    return start();
  } finally {
    record.decisions.push(...kernel.decisions.slice(first));
  }
}

const needsOf = ({ needs }: Operation, { service, operation, input }: ServiceCall, at: At<unknown>): readonly Need[] =>
  needs?.(input, at) ?? [{ action: `${service.prefix}:${operation}`, resource: '*' }];

type OpenRecord = CallRecord & { readonly decisions: IamDecision[] };

function startRecord(kernel: Kernel, { principal, place, service, operation, input, source }: ServiceCall): OpenRecord {
  const record: OpenRecord = {
    at: kernel.clock.now(),
    account: place.account,
    region: place.region,
    service: service.name,
    operation,
    principal: principalName(principal),
    ...(principal.kind === 'session' && { role: principal.role }),
    // An AssumeRole is traced by the identity that it requests.
    sourceIdentity: (principal.kind === 'session' && principal.sourceIdentity) || input?.SourceIdentity,
    ...(source && { instance: source.instance }),
    decisions: [],
    error: null,
  };
  kernel.calls.push(record);
  return record;
}

/** Returns the fault of the first rule that has one for this call. */
function faultFor(kernel: Kernel, call: ServiceCall): Fault | undefined {
  if (kernel.faults.length === 0) return undefined;
  const faultable = faultableCall(call);
  for (const rule of kernel.faults) {
    const fault = rule(faultable);
    if (fault) return fault;
  }
  return undefined;
}

/** Returns a call as fault rules see it. */
export const faultableCall = ({ service, operation, place, principal, input, source }: ServiceCall): FaultableCall => ({
  service: service.name,
  operation,
  place,
  principal,
  input,
  ...(source && { instance: source.instance }),
  isRead: isReadOperation(service, operation),
  throttling: throttlingOf(service),
  denial: denialOf(service),
});

/** Runs `wait` while time goes on for the function instance too that waits for its answer. */
async function parked<T>(kernel: Kernel, { source }: ServiceCall, wait: () => Promise<T>): Promise<T> {
  const unpark = source && hook(kernel, 'parkRequest')(kernel, source);
  try {
    return await wait();
  } finally {
    unpark?.();
  }
}

/** Delays the answer. A function may reach its timeout meanwhile. */
function delay(kernel: Kernel, call: ServiceCall, seconds: number): Promise<void> {
  if (call.operation === 'Invoke')
    throw new Error('The sandbox does not model that the answer to an invocation comes late');
  return parked(kernel, call, () => kernel.clock.sleep(seconds * 1000));
}

function killCaller(kernel: Kernel, { source, operation }: ServiceCall): never {
  if (!source || !hook(kernel, 'killInstance')(kernel, source.instance))
    throw new Error(
      `A fault wants to kill the function that calls ${operation}, but no function instance made this call`,
    );
  throw new Cut();
}
