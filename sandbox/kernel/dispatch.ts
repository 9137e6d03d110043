/**
 * What happens to every call, over the wire or inside: faults, quota, IAM, then the operation itself, and a line in the log.
 */

import { killInstanceOf, parkInstance } from '../services/lambda/index.ts';
import { lettingTimePass } from './clock.ts';
import {
  type At,
  AwsError,
  type AwsPlace,
  type CallRecord,
  type Fault,
  type Kernel,
  type Need,
  type Principal,
  type Service,
  type ServiceOperation,
} from './kernel.ts';
import type { States } from './states.ts';
import { takeToken } from './throttle.ts';

/** The connection is to be dropped without an answer. */
export class Cut extends Error {
  override readonly name = 'Cut';
}

export type Request = {
  readonly principal: Principal;
  readonly place: AwsPlace;
  readonly service: Service;
  readonly operation: string;
  readonly input: any;
  /** The function instance that makes the call, where it came over the wire from one. */
  readonly instance?: string;
};

export async function perform(kernel: Kernel, states: States, request: Request): Promise<unknown> {
  const { principal, place, service, operation, input } = request;
  const record = logged(kernel, request);
  try {
    const model: ServiceOperation<any, any, any> | undefined = (
      service.operations as Record<string, ServiceOperation<any, any, any>>
    )[operation];
    if (!model) throw new AwsError('NotModelled', `The sandbox does not model ${service.name} ${operation}`, 501);
    const fault = faultFor(kernel, request);
    if (fault?.kind === 'error')
      throw new AwsError(fault.code, fault.message ?? `${fault.code} (seeded fault)`, fault.status, fault.fields);
    if (fault?.kind === 'cutBefore') throw new Cut();
    if (fault?.kind === 'killBefore') return kill(kernel, request);

    const state = fault?.kind === 'stale' ? states.earlier(service, place) : states.current(service, place);
    const at: At<unknown> = {
      ...place,
      kernel,
      principal,
      requestId: kernel.uuid(),
      state,
      whileWaiting: (wait) => waiting(kernel, request, wait, fault),
    };
    if (!isRead(operation)) states.remember(service, place);
    const run = async () => {
      if (model.quota) takeToken(kernel, service, operation, place, model.quota);
      return decided(kernel, record, () => {
        for (const need of needsOf(model, request, at)) kernel.authorize(principal, place, need, service.name);
        return model.run(input, at);
      });
    };
    // Whatever the answer is, an error too: a fault keeps it from who asked.
    const [answer] = await Promise.allSettled([run()]);
    if (fault?.kind === 'cutAfter') throw new Cut();
    if (fault?.kind === 'late') await late(kernel, request, fault.seconds);
    if (fault?.kind === 'killAfter') return kill(kernel, request);
    if (answer.status === 'rejected') throw answer.reason;
    return answer.value;
  } catch (error) {
    record.error = error instanceof AwsError ? error.code : error instanceof Cut ? 'Cut' : 'InternalFailure';
    throw error;
  }
}

/** Runs what decides and starts a call; no other call can decide in between, so all decisions made meanwhile are this one's. */
function decided<T>(kernel: Kernel, record: OpenRecord, start: () => T): T {
  const first = kernel.decisions.length;
  try {
    return start();
  } finally {
    record.decisions.push(...kernel.decisions.slice(first));
  }
}

const needsOf = (
  model: ServiceOperation<any, any, any>,
  { service, operation, input }: Request,
  at: At<unknown>,
): readonly Need[] => model.needs?.(input, at) ?? [{ action: `${service.prefix}:${operation}`, resource: '*' }];

type OpenRecord = CallRecord & { readonly decisions: CallRecord['decisions'][number][] };

function logged(kernel: Kernel, { principal, place, service, operation, input, instance }: Request): OpenRecord {
  const record: OpenRecord = {
    at: kernel.clock.now(),
    account: place.account,
    region: place.region,
    service: service.name,
    operation,
    principal: nameOf(principal),
    ...(principal.kind === 'session' && { role: principal.role }),
    // An AssumeRole is traced by the identity that it asks for.
    sourceIdentity: (principal.kind === 'session' && principal.sourceIdentity) || input?.SourceIdentity,
    ...(instance && { instance }),
    decisions: [],
    error: null,
  };
  kernel.calls.push(record);
  return record;
}

export const nameOf = (principal: Principal): string =>
  principal.kind === 'service' ? principal.service : principal.arn;

/** The first rule that has a fault for this call. */
function faultFor(
  kernel: Kernel,
  { service, operation, place, principal, input, instance }: Request,
): Fault | undefined {
  for (const rule of kernel.faults) {
    const fault = rule({ service: service.name, operation, place, principal, input, ...(instance && { instance }) });
    if (fault) return fault;
  }
  return undefined;
}

/** Time goes on until the wait is over, for the function that waits for its answer too. */
async function waiting<T>(
  kernel: Kernel,
  { instance }: Request,
  wait: () => Promise<T>,
  fault: Fault | undefined,
): Promise<T> {
  const goOn = instance ? parkInstance(kernel, instance) : () => {};
  try {
    return await lettingTimePass(wait);
  } finally {
    goOn(fault?.kind === 'late' ? 'unanswered' : 'answered');
  }
}

/** Time goes on while the caller waits; a function may reach its time-out meanwhile. */
async function late(kernel: Kernel, { instance, operation }: Request, seconds: number): Promise<void> {
  if (operation === 'Invoke') throw new Error('The sandbox does not model that the answer to an invocation comes late');
  const goOn = instance ? parkInstance(kernel, instance) : () => {};
  try {
    await kernel.clock.sleep(seconds * 1000);
  } finally {
    goOn('unanswered');
  }
}

function kill(kernel: Kernel, { instance, operation }: Request): never {
  if (!instance || !killInstanceOf(kernel, instance))
    throw new Error(
      `A fault wants to kill the function that calls ${operation}, but no function instance made this call`,
    );
  throw new Cut();
}

const isRead = (operation: string) =>
  /^(Get|List|Describe|Head|Query|Scan|BatchGet|Lookup|Generate|Receive|Test|Validate|Search|Select|Simulate)/.test(
    operation,
  );
