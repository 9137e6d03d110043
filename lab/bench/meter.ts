/** Counts what goes on in a sandbox: invocations with the time that they compute, calls with what AWS bills for them. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { CallRecord, FaultRule, Kernel } from '../../sandbox/kernel/kernel.ts';
import { type Invoked, SANDBOX_INVOKED } from '../../sandbox/runtime/pool.ts';
import { logs } from '../../sandbox/services/lambda/index.ts';
import { readUnits, writeUnits } from './dynamodb-units.ts';

export type Invocation = {
  readonly function: string;
  /** The event, as JSON. */
  readonly event: string;
  /** Undefined where the function failed. */
  readonly processorMs?: number;
};
export type Call = Pick<CallRecord, 'service' | 'operation' | 'sourceIdentity' | 'instance'>;
export type Counted = {
  readonly invocations: readonly Invocation[];
  readonly calls: readonly Call[];
  /** Request units of DynamoDB. */
  readonly writeUnits: number;
  readonly readUnits: number;
  /** Characters of the session policies, in the order in which roles were assumed. */
  readonly sessionPolicies: readonly number[];
  /** What the functions wrote. */
  readonly logBytes: number;
};

export type Meter = {
  /** What was counted since the last time, or since the start. */
  read(): Counted;
  /** Invocations since it was read the last time. */
  invoked(): number;
  stop(): void;
};

export function meterOn(kernel: Kernel): Meter {
  let invocations: Invocation[] = [];
  let sessionPolicies: number[] = [];
  let units = { write: 0, read: 0 };
  let firstCall = kernel.calls.length;
  let firstLine = logs(kernel).length;

  const hear = (message: unknown) => {
    const { kernel: of, invocation, outcome } = message as Invoked;
    if (of !== kernel) return;
    const { code, event } = invocation;
    invocations.push({
      function: code.name,
      event,
      ...(outcome.kind === 'done' && { processorMs: outcome.processorMs }),
    });
  };
  /** Asked at every call, it never has a fault for one. */
  const look: FaultRule = ({ service, operation, input }) => {
    if (operation === 'AssumeRole' && input.Policy) sessionPolicies.push(input.Policy.length);
    if (service === 'dynamodb') {
      units.write += writeUnits(operation, input);
      units.read += readUnits(operation, input);
    }
    return undefined;
  };
  subscribe(SANDBOX_INVOKED, hear);
  kernel.faults.push(look);

  return {
    read() {
      const lines = logs(kernel).slice(firstLine);
      const counted = {
        invocations,
        calls: kernel.calls.slice(firstCall),
        writeUnits: units.write,
        readUnits: units.read,
        sessionPolicies,
        logBytes: lines.reduce((sum, { line }) => sum + line.length, 0),
      };
      invocations = [];
      sessionPolicies = [];
      units = { write: 0, read: 0 };
      firstCall = kernel.calls.length;
      firstLine = logs(kernel).length;
      return counted;
    },
    invoked: () => invocations.length,
    stop() {
      unsubscribe(SANDBOX_INVOKED, hear);
      kernel.faults.splice(kernel.faults.indexOf(look), 1);
    },
  };
}
