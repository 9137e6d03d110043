export { AwsError } from './aws-error.ts';
export type { CallRecord, IamDecision } from './call-log.ts';
export type { ErrorForm, Fault, FaultableCall, FaultRule } from './fault.ts';
export type * from './iam-policy.ts';
export type { AwsPlace } from './place.ts';
export { type Principal, principalName } from './principal.ts';
export * from './service.ts';
export type { StateKey } from './state-key.ts';
