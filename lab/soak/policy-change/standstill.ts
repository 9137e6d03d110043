/** Member accounts and Security Hub throttle every call, so that executions wait where something would be written. */
import { throttled } from '../../../sandbox/kernel/faults.ts';
import type { FaultRule } from '../../../sandbox/kernel/kernel.ts';
import { MEMBER_ROLE, STATE_MACHINE } from '../../../stacks/names.ts';

export type Standstill = {
  readonly rule: FaultRule;
  /** Resolves when so many executions wait to change something, and so many to be archived. */
  readonly reached: Promise<void>;
  /** Every second execution goes on; the others wait until it is lifted for all. */
  lift(whose: 'half' | 'all'): void;
};

export function standstill(changes: number, archives: number): Standstill {
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  const waiting = new Set<string | undefined>();
  let archiving = 0;
  let lifted: 'none' | 'half' | 'all' = 'none';
  const look = () => {
    if (waiting.size >= changes && archiving >= archives) resolve();
  };
  const rule: FaultRule = (call) => {
    const { principal, operation, input } = call;
    if (lifted === 'all' || principal.kind !== 'session') return undefined;
    if (operation === 'SendMessage' && principal.role.endsWith(`/${STATE_MACHINE}`)) {
      if (JSON.parse(input.MessageBody).kind === 'archive') archiving += 1;
      look();
      return undefined;
    }
    if (principal.role.endsWith(`/${MEMBER_ROLE}`)) {
      waiting.add(principal.sourceIdentity);
      look();
      return lifted === 'half' && isOfHalf(principal.sourceIdentity) ? undefined : throttled(call);
    }
    const updates = operation === 'BatchUpdateFindings' && principal.role.includes(':role/suture/');
    return updates ? throttled(call) : undefined;
  };
  return {
    rule,
    reached,
    lift: (whose) => {
      lifted = whose;
    },
  };
}

/** A source identity is `suture-` and hex digits. */
const isOfHalf = (identity = ''): boolean => Number.parseInt(identity.at(-1)!, 16) % 2 === 0;
