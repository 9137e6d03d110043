import type { FaultableCall } from '../../sandbox/kernel/fault.ts';
import type { FaultRule } from '../../sandbox/kernel/kernel.ts';

/** IAM denies what closes ports. */
export const denyRevoke: FaultRule = ({ operation }) =>
  operation === 'RevokeSecurityGroupIngress'
    ? { kind: 'error', code: 'UnauthorizedOperation', message: 'no', status: 403 }
    : undefined;

/** Ignores the role's path. */
export const isBy = ({ principal }: Pick<FaultableCall, 'principal'>, role: string): boolean =>
  principal.kind === 'session' && principal.role.endsWith(`/${role}`);
