/** The target of a finding that names its resource by an alias: AWS says which it is, never the finding. */
import { SutureError } from '../contract/errors.ts';
import {
  identityOfTarget,
  isAlias,
  type Place,
  type Remediation,
  type TargetFields,
  targetArn,
} from '../contract/remediation.ts';
import { aliasPolicy, type PolicyDocument } from '../domain/permissions.ts';

/**
 * Returns the target itself if the finding named it. Looks up an alias in a session that may do only that, and returns
 * undefined if AWS knows no such resource.
 * @throws SutureError ConfigurationInvalid if AWS's answer is not a target of the remediation
 */
export async function locateTarget(
  module: Remediation,
  place: Place,
  fields: TargetFields,
  session: (policy: PolicyDocument) => Promise<Record<string, unknown>>,
): Promise<TargetFields | undefined> {
  if (!isAlias(module, fields)) return fields;
  const clients = await session(aliasPolicy(module, place, fields));
  const found: TargetFields | undefined = await module.alias!.find({ ...clients, ...place, alias: fields });
  if (found === undefined) return undefined;
  const named = { Type: identityOfTarget(module.target, module.id).type ?? '', Id: targetArn(module, place, found) };
  const target = module.target.safeParse(named);
  if (target.success) return target.data;
  throw new SutureError(
    'ConfigurationInvalid',
    `AWS answered that ${targetArn(module, place, fields)} is ${named.Id}, which ${module.id} does not take: ${target.error.issues[0]!.message}`,
  );
}
