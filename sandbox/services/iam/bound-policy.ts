/** In trust and resource policies, AWS stores a role or user as its unique id and returns its ARN. */
import type { IamPolicy } from '../../authorization/policy.ts';
import { bindPrincipals, unbindPrincipals } from '../../authorization/principals.ts';
import { AwsError, type Kernel } from '../../kernel/kernel.ts';
import { type BoundPolicy, entityNameOf, iamStateOf, type RoleRecord, type UserRecord } from './state.ts';

/**
 * @param code the service's error for a malformed policy
 * @throws AwsError `Invalid principal in policy` for a role or user that does not exist
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

/** Unique ids of deleted roles and users stay. */
export const unbindPolicy = (kernel: Kernel, { document, names }: BoundPolicy): IamPolicy =>
  unbindPrincipals(document, (id) => {
    const arn = names.get(id);
    return arn !== undefined && entityAt(kernel, arn)?.id === id ? arn : undefined;
  });

function entityAt(kernel: Kernel, arn: string): RoleRecord | UserRecord | undefined {
  const { account = '', type } = /:iam::(?<account>\d{12}):(?<type>role|user)\//.exec(arn)?.groups ?? {};
  const state = iamStateOf(kernel, account);
  const entity = (type === 'role' ? state.roles : state.users).get(entityNameOf(arn));
  return entity?.arn === arn ? entity : undefined;
}
