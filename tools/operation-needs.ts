/** The permissions of a new operation, from IAM's data and the names of its request's members. */
import type { ActionDetails } from '../sandbox/authorization/actions.ts';
import type { Service } from '../sandbox/kernel/kernel.ts';
import type { OperationModel } from '../sandbox/wire/model.ts';
import { lettersAndDigits } from './identifiers.ts';

export type NewOperation = {
  readonly service: Service;
  readonly model: OperationModel;
  /** Undefined if IAM has no action of the operation's name. */
  readonly action: ActionDetails | undefined;
  /** The path of the file that will have the operation. */
  readonly file: string;
};

export type IamResourceType = ActionDetails['resourceTypes'][number];

/** A resource on which IAM authorizes the operation. */
export type NeededResource = {
  readonly type: IamResourceType;
  /** Members of the request by the variable of the ARN that they fill in. Other variables are missing. */
  readonly members: Readonly<Record<string, string>>;
};

/**
 * Returns the resource type that an operation most likely acts on: first one of the service itself, then one that a
 * member of the request is named after, then one that IAM requires. IAM's data sorts types by name, so that a KMS key
 * comes before a stream.
 */
export function likelyType(
  types: readonly IamResourceType[],
  prefix: string,
  members: readonly string[],
): IamResourceType | undefined {
  const isOfService = ({ arn }: IamResourceType) => arn.split(':')[2] === prefix;
  const hasMember = ({ name }: IamResourceType) =>
    members.some((member) => member.toLowerCase().startsWith(name.toLowerCase()));
  const isRequired = ({ required }: IamResourceType) => required;
  const rank = (type: IamResourceType) =>
    4 * Number(isOfService(type)) + 2 * Number(hasMember(type)) + Number(isRequired(type));
  return types.toSorted((a, b) => rank(b) - rank(a))[0];
}

/** `ResourceARN` of a request names one resource, of any of the types. */
const NAMES_ANY_TYPE = /^resource(arn|id|name|identifier)?$/i;

/**
 * Returns the likely type, and every other one that IAM requires. If the request names a resource of any type, such as
 * the one to tag, IAM's data requires all types although a call names one; then only the likely type is returned.
 */
export function neededResources(
  { resourceTypes }: Pick<ActionDetails, 'resourceTypes'>,
  prefix: string,
  members: readonly string[],
): NeededResource[] {
  const likely = likelyType(resourceTypes, prefix, members);
  if (!likely) return [];
  const others = members.some((member) => NAMES_ANY_TYPE.test(member))
    ? []
    : resourceTypes.filter((type) => type.required && type.name !== likely.name);
  return [likely, ...others].map((type) => ({ type, members: membersByVariable(type, members) }));
}

const ARN_VARIABLE = /\$\{(\w+)\}/g;
const PLACE_VARIABLES = ['Partition', 'Region', 'Account'];
export const isPlaceVariable = (variable: string): boolean => PLACE_VARIABLES.includes(variable);

/** Replaces each variable of one of IAM's ARNs, such as `${Region}` or `${StreamName}`. */
export const replaceArnVariables = (arn: string, replacement: (variable: string) => string): string =>
  arn.replaceAll(ARN_VARIABLE, (_, variable: string) => replacement(variable));

/** Returns the variables of one of IAM's ARNs that name the resource, without partition, Region and account. */
export const resourceVariables = (arn: string): string[] =>
  [...arn.matchAll(ARN_VARIABLE)].map(([, variable]) => variable!).filter((variable) => !isPlaceVariable(variable));

function membersByVariable(type: IamResourceType, members: readonly string[]): Readonly<Record<string, string>> {
  const entries = resourceVariables(type.arn).flatMap((variable) => {
    const member = memberFor(type, variable, members);
    return member === undefined ? [] : [[variable, member] as const];
  });
  return Object.fromEntries(entries);
}

/**
 * Returns the member that most likely fills in a variable of the type's ARN: `KeyId` for `${KeyId}`,
 * `DBInstanceIdentifier` for `${DbInstanceName}`, `StreamName` for a variable of a stream.
 */
function memberFor({ name }: IamResourceType, variable: string, members: readonly string[]): string | undefined {
  const type = lettersAndDigits(name);
  const stem = variable.replace(/(Identifier|Name|Id)$/, '').toLowerCase();
  const stemOfMember = (member: string) => member.replace(/(identifier|name|id)$/, '');
  const likeliestFirst: readonly ((member: string) => boolean)[] = [
    (member) => member === variable.toLowerCase(),
    (member) => stem !== '' && stemOfMember(member) === stem,
    (member) => stemOfMember(member) === type,
    (member) => member === 'name' && stem === type,
  ];
  const candidates = members.filter((member) => !/arns?$/i.test(member));
  return likeliestFirst
    .map((fits) => candidates.find((member) => fits(member.toLowerCase())))
    .find((member) => member !== undefined);
}

/** Returns the property `needs`; empty if the default will do: the action of the operation's name on `*`. */
export function needsText(action: ActionDetails | undefined, resources: readonly NeededResource[]): string {
  if (!action || resources.length === 0) return '';
  const needs = resources.map((resource) => `{ action: '${action.name}', resource: \`${arnTemplate(resource)}\` }`);
  const input = resources.some(({ members }) => Object.keys(members).length > 0) ? 'input' : '_input';
  return `  needs: (${input}, at) => [${needs.join(', ')}],\n`;
}

/** Returns the ARN as the contents of a template literal: `arn:${at.partition}:…:${input.StreamName ?? '*'}`. */
const arnTemplate = ({ type, members }: NeededResource): string =>
  replaceArnVariables(type.arn, (variable) => {
    if (isPlaceVariable(variable)) return `\${at.${variable.toLowerCase()}}`;
    return members[variable] === undefined ? '*' : `\${input.${members[variable]} ?? '*'}`;
  });

/** Returns the ARNs for the option `beside` of a verb: those of the resources after the first. */
export const besideText = ([, ...others]: readonly NeededResource[]): string =>
  others
    .map(({ type, members }) =>
      replaceArnVariables(type.arn, (variable) =>
        isPlaceVariable(variable) ? `{${variable.toLowerCase()}}` : `{${members[variable] ?? variable}}`,
      ),
    )
    .map((arn) => `'${arn}'`)
    .join(', ');

/** Returns what a person has to know about the operation's permission. */
export function permissionText(action: ActionDetails | undefined, resources: readonly NeededResource[]): string {
  if (!action) return "IAM's data has no action of its name. Find the action that AWS asks for, and say it in needs.";
  if (action.resourceTypes.length === 0) return `${action.name} on *; IAM knows no resource of it.`;
  const types = action.resourceTypes.map(({ arn, required }) => `${arn}${required ? ' (required)' : ''}`);
  const [type] = types;
  if (types.length === 1) return `${action.name} on the resource that the request names, of ${type}.`;
  const names = resources.map((resource) => resource.type.name).join(' and ');
  return `${action.name} on each resource that the request names. needs has ${names}, by the members' names; see AWS's page:
   ${types.join('\n   ')}${besideAdvice(resources)}`;
}

const besideAdvice = (resources: readonly NeededResource[]): string =>
  resources.length < 2
    ? ''
    : `
   As a verb (creates, changes, deletes), it has the record's own resource, and this for the other:
   beside: [${besideText(resources)}]`;
