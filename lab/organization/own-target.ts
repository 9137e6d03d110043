import {
  type FindingResource,
  isAlias,
  type Place,
  parseTarget,
  type Remediation,
  type TargetFields,
} from '../../functions/contract/remediation.ts';

/** Returns the target of a finding's resource, which may have an alias; undefined if such a resource is gone. */
export async function ownTarget(
  module: Remediation,
  place: Place,
  resource: FindingResource,
  clients: object,
): Promise<TargetFields | undefined> {
  return locatedFields(module, place, parseTarget(module, resource).data!, clients);
}

/** Returns the same for the fields of a target or of its alias. */
export async function locatedFields(
  module: Remediation,
  place: Place,
  fields: TargetFields,
  clients: object,
): Promise<TargetFields | undefined> {
  return isAlias(module, fields) ? module.alias!.find({ ...clients, ...place, alias: fields }) : fields;
}
