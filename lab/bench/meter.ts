/** Measures a sandbox: invocations with their processor time, and calls with what AWS bills for them. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { CallRecord, FaultRule, Kernel } from '../../sandbox/kernel/kernel.ts';
import { functionLogs } from '../../sandbox/runtime/logs.ts';
import { INVOCATION_ENDED, type InvocationEnd } from '../../sandbox/runtime/pool.ts';
import { readUnits, writeUnits } from './dynamodb-units.ts';

export type MeteredInvocation = {
  readonly function: string;
  readonly event: string;
  readonly processorMs?: number;
};
export type MeteredCall = Pick<CallRecord, 'service' | 'operation' | 'sourceIdentity' | 'instance'>;
export type Measurements = {
  readonly invocations: readonly MeteredInvocation[];
  readonly calls: readonly MeteredCall[];
  readonly writeUnits: number;
  readonly readUnits: number;
  /** Characters, in the order of the AssumeRole calls. */
  readonly sessionPolicies: readonly number[];
  readonly logBytes: number;
};

export class Meter {
  readonly #kernel: Kernel;
  #invocations: MeteredInvocation[] = [];
  #sessionPolicies: number[] = [];
  #writeUnits = 0;
  #readUnits = 0;
  #firstCall: number;
  #firstLine: number;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#firstCall = kernel.calls.length;
    this.#firstLine = functionLogs(kernel).length;
    subscribe(INVOCATION_ENDED, this.#addInvocation);
    kernel.faults.push(this.#addCall);
  }

  read(): Measurements {
    const lines = functionLogs(this.#kernel).slice(this.#firstLine);
    const measurements = {
      invocations: this.#invocations,
      calls: this.#kernel.calls.slice(this.#firstCall),
      writeUnits: this.#writeUnits,
      readUnits: this.#readUnits,
      sessionPolicies: this.#sessionPolicies,
      logBytes: lines.reduce((sum, { line }) => sum + line.length, 0),
    };
    this.#invocations = [];
    this.#sessionPolicies = [];
    this.#writeUnits = 0;
    this.#readUnits = 0;
    this.#firstCall = this.#kernel.calls.length;
    this.#firstLine = functionLogs(this.#kernel).length;
    return measurements;
  }

  get invocationCount(): number {
    return this.#invocations.length;
  }

  stop(): void {
    const { faults } = this.#kernel;
    unsubscribe(INVOCATION_ENDED, this.#addInvocation);
    faults.splice(faults.indexOf(this.#addCall), 1);
  }

  readonly #addInvocation = (message: unknown): void => {
    const { kernel, invocation, outcome } = message as InvocationEnd;
    if (kernel !== this.#kernel) return;
    this.#invocations.push({
      function: invocation.code.name,
      event: invocation.event,
      ...(outcome.kind === 'done' && { processorMs: outcome.processorMs }),
    });
  };

  /** A fault rule sees the input of every call. It never makes a call fail. */
  readonly #addCall: FaultRule = ({ service, operation, input }) => {
    if (operation === 'AssumeRole' && input.Policy) this.#sessionPolicies.push(input.Policy.length);
    if (service === 'dynamodb') {
      this.#writeUnits += writeUnits(operation, input);
      this.#readUnits += readUnits(operation, input);
    }
    return undefined;
  };
}
