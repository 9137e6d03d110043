/** The shape of the resource that several operations share, from the SDK's model and IAM's data. */
import type { NormalizedSchema } from '@smithy/core/schema';
import type { OperationModel } from '../sandbox/wire/model.ts';
import { lettersAndDigits } from './identifiers.ts';
import {
  type IamResourceType,
  isPlaceVariable,
  type NewOperation,
  neededResources,
  replaceArnVariables,
  resourceVariables,
} from './operation-needs.ts';
import { isTagsMember, type Members, memberNames, structureMembers, typeName } from './schema-members.ts';

/** The facts of a kind of record, as its code says them. */
export type KindShape = {
  /** `WorkGroup` */
  readonly noun: string;
  readonly prefix: string;
  readonly type: IamResourceType;
  /** The pattern of its ARNs: `arn:{partition}:athena:{region}:{account}:workgroup/{id}`. */
  readonly arn: string;
  /** The member of the resource that identifies it. */
  readonly id: string;
  /** The member of the create request that has the id; undefined if AWS generates the id. */
  readonly idInRequest: string | undefined;
  readonly isNamedByArn: boolean;
  /** The structure of the resource in answers, its type as in `sdk.WorkGroup`, and its members. */
  readonly shown: { readonly type: string; readonly members: Members };
  readonly shownArn: string | undefined;
  readonly createdAt: string | undefined;
  readonly tagForm: string | undefined;
};

/** Returns undefined if the operations do not create a resource and show it. */
export function kindShape(operations: readonly NewOperation[]): KindShape | undefined {
  const create = operations.find(({ model }) => model.name.startsWith('Create'));
  const noun = create?.model.name.slice('Create'.length);
  const get = noun && getOperation(operations, noun);
  if (!create || !noun || !get) return undefined;
  const type = iamTypeOf(create, operations, noun);
  const structure = shownBy(get.model, noun);
  if (!type || !structure) return undefined;
  const members = structureMembers(structure);
  const identity = identityOf({ create, get, noun, type, members });
  if (!identity) return undefined;
  return {
    noun,
    prefix: create.service.prefix,
    type,
    arn: arnPattern(type.arn, members),
    ...identity,
    shown: { type: `sdk.${typeName(structure)}`, members },
    createdAt: memberNames(members, (schema, name) => schema.isTimestampSchema() && /creat/i.test(name))[0],
    tagForm: tagFormOf(operations, members),
  };
}

/** Finds the operation that shows the resource. One that shows a single resource comes before one that lists. */
function getOperation(operations: readonly NewOperation[], noun: string): NewOperation | undefined {
  return [`Get${noun}`, `Describe${noun}`, `Describe${noun}s`, `List${noun}s`]
    .map((name) => operations.find(({ model }) => model.name === name))
    .find((operation) => operation !== undefined);
}

/**
 * Returns IAM's type of the resource. Creating one may need a permission on another one, such as the file system of a
 * mount target, so a type of the resource's name comes first.
 */
function iamTypeOf(create: NewOperation, operations: readonly NewOperation[], noun: string) {
  const types = operations.flatMap(({ action }) => action?.resourceTypes ?? []);
  const sameName = types.find(({ name }) => lettersAndDigits(name) === noun.toLowerCase());
  if (sameName || !create.action) return sameName;
  const members = [...structureMembers(create.model.input).keys()];
  return neededResources(create.action, create.service.prefix, members)[0]?.type;
}

/** Returns the structure of the resource in the answer, which may be a list of them. */
function shownBy(model: OperationModel, noun: string): NormalizedSchema | undefined {
  const members = structureMembers(model.output);
  if (model.name.endsWith(`${noun}s`)) {
    const element = [...members.values()].find((schema) => schema.isListSchema())?.getValueSchema();
    return element?.isStructSchema() ? element : undefined;
  }
  const member = recordMember(model, noun);
  return member ? members.get(member) : model.output;
}

/** Returns the member of the answer that has the record; undefined if the whole answer is the record. */
export function recordMember({ output }: OperationModel, noun: string): string | undefined {
  const members = structureMembers(output);
  const structures = memberNames(members, (schema) => schema.isStructSchema());
  const sameName = structures.find((name) => name.toLowerCase().startsWith(noun.toLowerCase()));
  return sameName ?? (members.size === 1 ? structures[0] : undefined);
}

type IdentityFacts = {
  readonly create: NewOperation;
  readonly get: NewOperation;
  readonly noun: string;
  readonly type: IamResourceType;
  readonly members: Members;
};
type Identity = Pick<KindShape, 'id' | 'idInRequest' | 'isNamedByArn' | 'shownArn'>;

/** Compares the members by which the create and the get request name the resource. */
function identityOf({ create, get, noun, type, members }: IdentityFacts): Identity | undefined {
  const inCreate = memberNaming(create, noun, type);
  const inGet = memberNaming(get, noun, type);
  const shownArn = memberNames(members, (schema, name) => schema.isStringSchema() && isArnOf(name, noun))[0];
  if (inGet !== undefined && isArnOf(inGet, noun)) {
    // An ARN with one variable has the name of the create request in it. In one with several, AWS generates the last.
    const idInRequest = resourceVariables(type.arn).length > 1 ? undefined : inCreate;
    return { id: shownArn ?? inGet, idInRequest, isNamedByArn: true, shownArn };
  }
  const isGenerated = inGet !== undefined && inGet !== inCreate && members.has(inGet);
  const idInRequest = isGenerated ? undefined : inCreate;
  const id = [idInRequest, inGet].find((name) => name && members.has(name)) ?? inGet ?? idInRequest;
  return id ? { id, idInRequest, isNamedByArn: false, shownArn } : undefined;
}

const isArnOf = (member: string, noun: string): boolean =>
  ['arn', `${noun}arn`, 'resourcearn'].some((name) => name.toLowerCase() === member.toLowerCase());

/** Returns the member by which a request names the resource: `Name`, `WorkGroup`, `WorkGroupName`, `ClusterArn`. */
export function memberNaming(
  { model, service }: NewOperation,
  noun: string,
  type: IamResourceType,
): string | undefined {
  const texts = memberNames(structureMembers(model.input), (schema) => schema.isStringSchema());
  const [resource] = neededResources({ resourceTypes: [type] }, service.prefix, texts);
  const byIam = Object.values(resource?.members ?? {}).at(-1);
  return byIam ?? likeliestNames(noun).flatMap((name) => texts.find((text) => text.toLowerCase() === name) ?? [])[0];
}

function likeliestNames(noun: string): string[] {
  const stem = noun.toLowerCase();
  const withStem = ['', 'name', 'identifier', 'id', 'arn'].map((suffix) => `${stem}${suffix}`);
  return ['name', ...withStem, 'arn', 'id', 'identifier'];
}

/** Writes the last variable as the id, and the others as fields that the resource shows. */
function arnPattern(arn: string, members: Members): string {
  const idVariable = resourceVariables(arn).at(-1);
  return replaceArnVariables(arn, (variable) => {
    if (isPlaceVariable(variable)) return `{${variable.toLowerCase()}}`;
    if (variable === idVariable) return '{id}';
    const field = [...members.keys()].find((name) => name.toLowerCase() === variable.toLowerCase());
    return `{${field ?? variable}}`;
  });
}

/** Returns the form of the tags from the first request that has them. */
function tagFormOf(operations: readonly NewOperation[], members: Members): string | undefined {
  const requestMembers = operations.flatMap(({ model }) => [...structureMembers(model.input)]);
  const tags = requestMembers.find(([name, schema]) => isTagsMember(name) && !schema.isStringSchema())?.[1];
  if (!tags) return undefined;
  const hasLowerCaseKey = () => structureMembers(tags.getValueSchema()).has('key');
  const form = tags.isMapSchema() ? 'TAG_MAP' : hasLowerCaseKey() ? 'LOWER_CASE_TAG_LIST' : 'TAG_LIST';
  const shownAs = [...members.keys()].find(isTagsMember);
  return shownAs ? `{ ...${form}, shownAs: '${shownAs}' }` : form;
}
