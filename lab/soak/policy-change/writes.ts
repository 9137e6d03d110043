import type { CallRecord, Kernel } from '../../../sandbox/kernel/kernel.ts';
import { LAB_NAMES } from '../../organization/lab-names.ts';

export type MemberWrite = {
  readonly account: string;
  readonly operation: string;
  readonly attemptStartedAt: number;
};

/** A read session, and then a write session. */
const SESSIONS_EACH_ATTEMPT = 2;

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
  role?.endsWith(`/${LAB_NAMES.memberRole}`) === true && !/^(Get|List|Describe|Head|Lookup)/.test(operation);
