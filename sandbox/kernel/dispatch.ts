/**
 * Performs every call, over the wire or inside: injected faults, quota, IAM, then the operation, and an entry in the
 * log.
 */

import { AwsError } from './aws-error.ts';
import { keepPastCall } from './call-history.ts';
import type { CallRecord, IamDecision } from './call-log.ts';
import { withSuspendedHolds } from './clock.ts';
import type { Fault, FaultableCall } from './fault.ts';
import { hook } from './hooks.ts';
import type { AwsPlace } from './place.ts';
import { type Principal, principalName } from './principal.ts';
import type { At, InstanceRequest, Kernel, Need, Service, ServiceOperation } from './service.ts';
import { denialOf, isReadOperation, throttlingOf } from './service-facts.ts';
import type { ServiceStates } from './states.ts';
import { takeToken } from './throttle.ts';

/** Makes the server drop the connection without an answer. */
export class ConnectionDrop extends Error {
  override readonly name = 'ConnectionDrop';
}

export type ServiceCall = {
  readonly principal: Principal;
  readonly place: AwsPlace;
  readonly service: Service;
  readonly operation: string;
  readonly input: any;
  readonly source?: InstanceRequest;
  /** Absent for a call inside the sandbox. */
  readonly request?: SignedRequest;
};

/** Parts of a request over the wire that CloudTrail records. */
export type SignedRequest = { readonly id: string; readonly accessKeyId: string; readonly userAgent?: string };

type Operation = ServiceOperation<any, any, any>;

/** @throws AwsError, or ConnectionDrop if a fault withholds the answer from the caller */
export async function performCall(kernel: Kernel, states: ServiceStates, call: ServiceCall): Promise<unknown> {
  const record = startRecord(kernel, call);
  try {
    const operation = operationOf(call);
    refuseMembers(call);
    const fault = faultFor(kernel, call);
    failBefore(kernel, call, fault);
    // A fault withholds the outcome from the caller whether the operation fails or not.
    const [outcome] = await Promise.allSettled([runOperation(kernel, states, call, operation, fault, record)]);
    keep(kernel, call, record, outcome);
    if (fault?.kind === 'dropAfter') throw new ConnectionDrop();
    if (fault?.kind === 'late') await delay(kernel, call, fault.seconds);
    if (fault?.kind === 'killAfter') killCaller(kernel, call);
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  } catch (error) {
    record.error =
      error instanceof AwsError ? error.code : error instanceof ConnectionDrop ? 'ConnectionDrop' : 'InternalFailure';
    throw error;
  }
}

function operationOf({ service, operation }: ServiceCall): Operation {
  const found = (service.operations as Record<string, Operation>)[operation];
  if (found) return found;
  throw new AwsError(
    'NotModelled',
    `The sandbox does not model ${service.name} ${operation}. Its place is sandbox/services/${service.name}: npm run new:operation -- ${service.name} ${operation}`,
    501,
  );
}

/** @throws AwsError NotModelled for a member that would have no effect */
function refuseMembers({ service, operation, input }: ServiceCall): void {
  const refused = service.refuses?.[operation]?.find((member) => input?.[member] !== undefined);
  if (refused !== undefined)
    throw new AwsError('NotModelled', `The sandbox does not model the member ${refused} of ${operation}.`, 501);
}

function failBefore(kernel: Kernel, call: ServiceCall, fault: Fault | undefined): void {
  if (fault?.kind === 'error')
    throw new AwsError(fault.code, fault.message ?? `${fault.code} (seeded fault)`, fault.status, fault.fields);
  if (fault?.kind === 'dropBefore') throw new ConnectionDrop();
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
  if (!isReadOperation(service, call.operation))
    for (const stateKey of [service, ...(service.alsoWrites ?? [])]) states.remember(stateKey, place);
  if (operation.quota) takeToken(kernel, service, call.operation, place, operation.quota);
  const start = () => {
    // Draws an id even if the request has one, so that the seed's later numbers do not depend on it.
    const drawn = kernel.uuid();
    const at: At<unknown> = {
      ...place,
      kernel,
      principal,
      requestId: call.request?.id ?? drawn,
      state: states.current(service, place),
      whileWaiting: (wait) => withParkedRequest(kernel, call, () => withSuspendedHolds(wait)),
    };
    for (const need of needsOf(operation, call, at)) kernel.authorize(principal, place, need, service.name);
    return operation.run(input, at);
  };
  return recordDecisions(kernel, record, fault?.kind === 'stale' ? () => states.withEarlierStates(start) : start);
}

/** Keeps a call that reached the service for the event history of CloudTrail. An injected error did not reach it. */
function keep(kernel: Kernel, call: ServiceCall, record: OpenRecord, outcome: PromiseSettledResult<unknown>): void {
  const { principal, place, service, operation, request } = call;
  const error = outcome.status === 'rejected' ? outcome.reason : undefined;
  if (error !== undefined && !(error instanceof AwsError)) return;
  keepPastCall(kernel, {
    place: { ...place, region: service.globalRegions?.[place.partition] ?? place.region },
    service,
    operation,
    principal,
    ...(request && { requestId: request.id, accessKeyId: request.accessKeyId, userAgent: request.userAgent }),
    resources: [...new Set(record.decisions.map(({ resource }) => resource))].filter((arn) => !/[*?]/.test(arn)),
    ...(error && { error }),
  });
}

/** Runs the synchronous start of a call. No other call decides meanwhile, so all new decisions belong to this one. */
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
    // The log shows an AssumeRole under the identity that it requests.
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

/** Parks the request during the wait, so that time continues for the function instance that awaits its answer. */
async function withParkedRequest<T>(kernel: Kernel, { source }: ServiceCall, wait: () => Promise<T>): Promise<T> {
  const unpark = source && hook(kernel, 'parkRequest')(kernel, source);
  try {
    return await wait();
  } finally {
    unpark?.();
  }
}

/** Delays the answer. The calling function may reach its timeout meanwhile. */
function delay(kernel: Kernel, call: ServiceCall, seconds: number): Promise<void> {
  if (call.operation === 'Invoke')
    throw new Error('The sandbox does not model that the answer to an invocation comes late');
  return withParkedRequest(kernel, call, () => kernel.clock.sleep(seconds * 1000));
}

function killCaller(kernel: Kernel, { source, operation }: ServiceCall): never {
  if (!source || !hook(kernel, 'killInstance')(kernel, source.instance))
    throw new Error(
      `A fault wants to kill the function that calls ${operation}, but no function instance made this call`,
    );
  throw new ConnectionDrop();
}
