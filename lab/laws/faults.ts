/** Faults in the calls of the remediation alone. */
import type { FaultRule } from '../../sandbox/kernel/fault.ts';
import { isMemberCall } from './member-role.ts';
import type { ProofSandbox } from './proof-sandbox.ts';

/** Adds a rule for the remediation's own calls. */
export function injectFaults({ sandbox }: ProofSandbox, rule: FaultRule): void {
  sandbox.kernel.faults.push((call) => (isMemberCall(call) ? rule(call) : undefined));
}

export function clearFaults({ sandbox }: ProofSandbox): void {
  sandbox.kernel.faults.length = 0;
}
