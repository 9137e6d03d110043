import type { FaultableCall, FaultRule } from '../../../sandbox/kernel/fault.ts';
import { throttled } from '../../../sandbox/kernel/faults.ts';
import { LAB_NAMES } from '../../organization/lab-names.ts';

/** Throttles every call of the member role and BatchUpdateFindings, so that executions wait until `release`. */
export class ExecutionHold {
  /** Resolves when the expected executions wait. */
  readonly reached: Promise<void>;
  readonly #resolve: () => void;
  readonly #changes: number;
  readonly #archives: number;
  readonly #waiting = new Set<string | undefined>();
  #archiving = 0;
  #released: 'none' | 'half' | 'all' = 'none';

  /** @param expected how many executions wait to change a resource, and to archive a finding */
  constructor(expected: { readonly changes: number; readonly archives: number }) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.reached = promise;
    this.#resolve = resolve;
    this.#changes = expected.changes;
    this.#archives = expected.archives;
  }

  readonly rule: FaultRule = (call) => {
    const { principal, operation } = call;
    if (this.#released === 'all' || principal.kind !== 'session') return undefined;
    if (operation === 'SendMessage' && principal.role.endsWith(`/${LAB_NAMES.stateMachine}`))
      return this.#countMessage(call);
    if (principal.role.endsWith(`/${LAB_NAMES.memberRole}`)) return this.#holdChange(call, principal.sourceIdentity);
    const isUpdate = operation === 'BatchUpdateFindings' && principal.role.includes(':role/suture/');
    return isUpdate ? throttled(call) : undefined;
  };

  /** Releases every second execution that waits to change a resource, or all executions. */
  release(which: 'half' | 'all'): void {
    this.#released = which;
  }

  #countMessage({ input }: FaultableCall): undefined {
    if (JSON.parse(input.MessageBody).kind === 'archive') this.#archiving += 1;
    this.#check();
  }

  #holdChange(call: FaultableCall, sourceIdentity: string | undefined): ReturnType<FaultRule> {
    this.#waiting.add(sourceIdentity);
    this.#check();
    return this.#released === 'half' && isInFirstHalf(sourceIdentity) ? undefined : throttled(call);
  }

  #check(): void {
    if (this.#waiting.size >= this.#changes && this.#archiving >= this.#archives) this.#resolve();
  }
}

/** Source identities are `suture-` and hex digits. */
const isInFirstHalf = (identity = ''): boolean => Number.parseInt(identity.at(-1)!, 16) % 2 === 0;
