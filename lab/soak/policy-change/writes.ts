/** Writes of Suture in member accounts, each with the moment at which its attempt began. */
import type { CallRecord, Kernel } from '../../../sandbox/kernel/kernel.ts';
import { MEMBER_ROLE } from '../../../stacks/names.ts';

export type Write = { readonly account: string; readonly operation: string; readonly begun: number };

/** An attempt opens a session to read, and then one to write. */
const SESSIONS = 2;

export function writesIn({ calls }: Kernel): Write[] {
  const writes: Write[] = [];
  const sessions = new Map<string | undefined, number[]>();
  for (const call of calls) {
    if (call.error !== null) continue;
    if (call.operation === 'AssumeRole')
      sessions.set(call.sourceIdentity, [...(sessions.get(call.sourceIdentity) ?? []), call.at]);
    if (!isWrite(call)) continue;
    const begun = sessions.get(call.sourceIdentity)?.at(-SESSIONS) ?? call.at;
    writes.push({ account: call.account, operation: call.operation, begun });
  }
  return writes;
}

const isWrite = ({ role, operation }: CallRecord): boolean =>
  role?.endsWith(`/${MEMBER_ROLE}`) === true && !/^(Get|List|Describe|Head|Lookup)/.test(operation);
