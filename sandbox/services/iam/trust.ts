/** The principals of trust and resource policies, kept as unique ids and read as ARNs. */
import type { IamPolicy } from '../../authorization/policy.ts';
import { bindPrincipals, unbindPrincipals } from '../../authorization/principals.ts';
import { AwsError, type Kernel } from '../../kernel/kernel.ts';
import { iam } from './index.ts';
import { type IamState, nameOf, type RoleRecord, type UserRecord } from './state.ts';

/** A policy with unique ids for principals, and the ARN that each id was given as. */
export type BoundPolicy = { readonly document: IamPolicy; readonly names: ReadonlyMap<string, string> };

/**
 * A policy as AWS keeps it: with the unique ids of the roles and users it names.
 * @param code the error's code, where a service has its own name for a malformed policy
 * @throws AwsError `Invalid principal in policy` for one that does not exist
 */
export function bindPolicy(kernel: Kernel, document: IamPolicy, code = 'MalformedPolicyDocument'): BoundPolicy {
  const names = new Map<string, string>();
  const bound = bindPrincipals(document, (arn) => {
    const entity = entityAt(kernel, arn);
    if (!entity) throw new AwsError(code, `Invalid principal in policy: "AWS":"${arn}"`);
    names.set(entity.id, arn);
    return entity.id;
  });
  return { document: bound, names };
}

/** The policy as it reads now: ARNs again, save those of roles and users that are gone. */
export const unbindPolicy = (kernel: Kernel, { document, names }: BoundPolicy): IamPolicy =>
  unbindPrincipals(document, (id) => {
    const arn = names.get(id);
    return arn !== undefined && entityAt(kernel, arn)?.id === id ? arn : undefined;
  });

/** IAM's state in an account, seen from another service. */
export const iamOf = (kernel: Kernel, account: string): IamState =>
  kernel.state(iam, { partition: kernel.partition, account, region: 'us-east-1' });

function entityAt(kernel: Kernel, arn: string): RoleRecord | UserRecord | undefined {
  const [, account = '', type] = /:iam::(\d{12}):(role|user)\//.exec(arn) ?? [];
  const state = iamOf(kernel, account);
  const entity = (type === 'role' ? state.roles : state.users).get(nameOf(arn));
  return entity?.arn === arn ? entity : undefined;
}
