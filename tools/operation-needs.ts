/** The permissions of a new operation, by IAM's data and the names of its request's members. */
import type { ActionDetails } from '../sandbox/authorization/actions.ts';
import type { Service } from '../sandbox/kernel/kernel.ts';
import type { OperationModel } from '../sandbox/wire/model.ts';

export type NewOperation = {
  readonly service: Service;
  readonly operation: OperationModel;
  readonly action: ActionDetails | undefined;
  readonly file: string;
};

type ResourceType = ActionDetails['resourceTypes'][number];

/** A resource on which IAM authorizes the operation: its ARN, and the member for each variable that has one. */
export type NeededResource = {
  readonly type: ResourceType;
  readonly members: Readonly<Record<string, string>>;
};

/**
 * Returns the resource type that an operation most likely names: one of the service itself, whose name a member of the
 * request has, and required. IAM's data sorts types by name, so that a KMS key comes before a stream.
 */
export function likelyType(
  types: readonly ResourceType[],
  prefix: string,
  members: readonly string[],
): ResourceType | undefined {
  const facts = (type: ResourceType) => [
    type.arn.split(':')[2] === prefix,
    members.some((member) => member.toLowerCase().startsWith(type.name.toLowerCase())),
    type.required,
  ];
  const rank = (type: ResourceType) => facts(type).reduce((sum, fact) => sum * 2 + Number(fact), 0);
  return types.toSorted((a, b) => rank(b) - rank(a))[0];
}

/** `ResourceARN` of a request names one resource, of any of the types. */
const NAMES_ANY_TYPE = /^resource(arn|id|name|identifier)?$/i;

/**
 * Returns the likely type, and every further one that IAM requires. IAM's data marks each type as required, too, of
 * which a call names just one, such as the one to tag.
 */
export function neededResources(
  { resourceTypes }: Pick<ActionDetails, 'resourceTypes'>,
  prefix: string,
  members: readonly string[],
): NeededResource[] {
  const own = likelyType(resourceTypes, prefix, members);
  if (!own) return [];
  const others = members.some((member) => NAMES_ANY_TYPE.test(member))
    ? []
    : resourceTypes.filter((type) => type.required && type.name !== own.name);
  return [own, ...others].map((type) => ({ type, members: membersIn(type, members) }));
}

const PLACE = ['Partition', 'Region', 'Account'];

const variablesOf = ({ arn }: ResourceType): string[] =>
  [...arn.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name!).filter((name) => !PLACE.includes(name));

function membersIn(type: ResourceType, members: readonly string[]): Readonly<Record<string, string>> {
  const found = variablesOf(type).flatMap((variable) => {
    const member = memberFor(type, variable, members);
    return member === undefined ? [] : [[variable, member] as const];
  });
  return Object.fromEntries(found);
}

/** `${DbInstanceName}` is DBInstanceIdentifier in a request, `${KeyId}` is KeyId, that of a stream StreamName. */
function memberFor({ name }: ResourceType, variable: string, members: readonly string[]): string | undefined {
  const stem = variable.replace(/(Identifier|Name|Id)$/, '').toLowerCase();
  const type = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const plain = members.filter((member) => !/arns?$/i.test(member));
  const tests: ((member: string) => boolean)[] = [
    (member) => member === variable.toLowerCase(),
    (member) => stem !== '' && member.replace(/(identifier|name|id)$/, '') === stem,
    (member) => member.replace(/(identifier|name|id)$/, '') === type,
    (member) => member === 'name' && stem === type,
  ];
  for (const test of tests) {
    const found = plain.find((member) => test(member.toLowerCase()));
    if (found) return found;
  }
  return undefined;
}

/** Returns the property `needs`; empty if the default will do: the action of the operation's name on `*`. */
export function needsText(action: ActionDetails | undefined, needed: readonly NeededResource[]): string {
  if (!action || needed.length === 0) return '';
  const needs = needed.map((each) => `{ action: '${action.name}', resource: \`${templateText(each)}\` }`);
  const input = needed.some(({ members }) => Object.keys(members).length > 0) ? 'input' : '_input';
  return `  needs: (${input}, at) => [${needs.join(', ')}],\n`;
}

const templateText = ({ type, members }: NeededResource): string =>
  type.arn.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => {
    if (PLACE.includes(name)) return `\${at.${name.toLowerCase()}}`;
    return members[name] === undefined ? '*' : `\${input.${members[name]} ?? '*'}`;
  });

/** Returns the ARNs of `beside`, which a verb has for the resources after the first. */
export const besideText = ([, ...others]: readonly NeededResource[]): string =>
  others
    .map(({ type, members }) => {
      const arn = type.arn.replaceAll(/\$\{(\w+)\}/g, (_, name: string) =>
        PLACE.includes(name) ? `{${name.toLowerCase()}}` : `{${members[name] ?? name}}`,
      );
      return `'${arn}'`;
    })
    .join(', ');

export function permissionText(action: ActionDetails | undefined, needed: readonly NeededResource[]): string {
  if (!action) return "IAM's data has no action of its name. Find the action that AWS asks for, and say it in needs.";
  if (action.resourceTypes.length === 0) return `${action.name} on *; IAM knows no resource of it.`;
  const types = action.resourceTypes.map(({ arn, required }) => `${arn}${required ? ' (required)' : ''}`);
  const [type] = types;
  if (types.length === 1) return `${action.name} on the resource that the request names, of ${type}.`;
  const named = needed.map((each) => each.type.name).join(' and ');
  return `${action.name} on each resource that the request names. needs has ${named}, by the members' names; see AWS's page:
   ${types.join('\n   ')}${besideAdvice(needed)}`;
}

const besideAdvice = (needed: readonly NeededResource[]): string =>
  needed.length < 2
    ? ''
    : `
   As a verb (creates, changes, deletes), it has the record's own resource, and this for the other:
   beside: [${besideText(needed)}]`;
