import type { CallRecord, Kernel } from '../../../sandbox/kernel/kernel.ts';
import { MEMBER_ROLE } from '../../../stacks/names.ts';

/** A write in a member account; `attemptStartedAt` in milliseconds since 1970. */
export type MemberWrite = {
  readonly account: string;
  readonly operation: string;
  readonly attemptStartedAt: number;
};

/** Each attempt starts a read session, and then a write session. */
const SESSIONS_EACH_ATTEMPT = 2;

/** Returns the successful writes of the member role. */
export function memberWrites({ calls }: Kernel): MemberWrite[] {
  const writes: MemberWrite[] = [];
  const sessionStarts = new Map<string | undefined, number[]>();
  for (const call of calls) {
    if (call.error !== null) continue;
    const starts = sessionStarts.get(call.sourceIdentity) ?? [];
    if (call.operation === 'AssumeRole') sessionStarts.set(call.sourceIdentity, [...starts, call.at]);
    if (!isWrite(call)) continue;
    const attemptStartedAt = starts.at(-SESSIONS_EACH_ATTEMPT) ?? call.at;
    writes.push({ account: call.account, operation: call.operation, attemptStartedAt });
  }
  return writes;
}

const isWrite = ({ role, operation }: CallRecord): boolean =>
  role?.endsWith(`/${MEMBER_ROLE}`) === true && !/^(Get|List|Describe|Head|Lookup)/.test(operation);
