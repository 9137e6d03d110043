/** The shape of a resource that several operations share, from the SDK's model and IAM's data. */
import type { NormalizedSchema } from '@smithy/core/schema';
import type { OperationModel } from '../sandbox/wire/model.ts';
import { type NeededResource, type NewOperation, neededResources } from './operation-needs.ts';

export type KindVerb = {
  readonly wanted: NewOperation;
  readonly verb: 'creates' | 'gets' | 'lists' | 'changes' | 'deletes' | 'addsTags' | 'removesTags' | 'listsTags';
  /** Of verbs about tags. */
  readonly members: readonly string[];
  /** As in the code: `under: 'WorkGroup'`. */
  readonly options: readonly string[];
};

export type KindShape = {
  /** `WorkGroup` */
  readonly noun: string;
  readonly prefix: string;
  readonly arn: string;
  readonly id: string;
  readonly namedBy: 'arn' | 'either' | undefined;
  readonly isNamedByAws: boolean;
  readonly shown: NormalizedSchema;
  readonly shownArn: string | undefined;
  readonly createdAt: string | undefined;
  readonly tagForm: string | undefined;
  readonly verbs: readonly KindVerb[];
};

type Members = ReadonlyMap<string, NormalizedSchema>;
const membersOf = (schema: NormalizedSchema): Members => new Map(schema.structIterator());
const namesIn = (members: Members, test: (schema: NormalizedSchema, name: string) => boolean): string[] =>
  [...members].flatMap(([name, schema]) => (test(schema, name) ? [name] : []));
const isText = (schema: NormalizedSchema): boolean => schema.isStringSchema();
const isStructureOf = (members: Members) => namesIn(members, (schema) => schema.isStructSchema());

/** The type of the SDK: `sdk.WorkGroup`. */
export const shownTypeOf = ({ shown }: KindShape): string => `sdk.${shown.getName()?.replace(/^.*#/, '')}`;

export function kindShape(wanted: readonly NewOperation[]): KindShape | undefined {
  const create = wanted.find(({ operation }) => operation.name.startsWith('Create'));
  const noun = create?.operation.name.slice('Create'.length);
  const get = GETS.map((form) =>
    wanted.find(({ operation }) => operation.name === `${form.replace('*', noun ?? '')}`),
  ).find((each) => each !== undefined);
  if (!create || !noun || !get) return undefined;
  const type = typeOf(create, wanted, noun);
  if (!type) return undefined;
  const shown = shownBy(get.operation, noun);
  if (!shown) return undefined;
  const has = membersOf(shown);
  const offered = memberNaming(create, noun, type);
  const later = memberNaming(get, noun, type);
  const shownArn = namesIn(has, (schema, name) => isText(schema) && isArnOf(name, noun))[0];
  const isByArn = later !== undefined && isArnOf(later, noun);
  const isNamedByAws = isByArn
    ? ownVariables(type.arn).length > 1
    : later !== offered && later !== undefined && has.has(later);
  const given = isNamedByAws ? undefined : offered;
  const id = isByArn ? (shownArn ?? later) : ([given, later].find((name) => name && has.has(name)) ?? later ?? given);
  if (!id) return undefined;
  const shape = { noun, type, id, has, given };
  return {
    noun,
    prefix: create.service.prefix,
    arn: arnText(type.arn, has),
    id,
    namedBy: isByArn ? 'arn' : undefined,
    isNamedByAws: given === undefined,
    shown,
    shownArn,
    createdAt: namesIn(has, (schema, name) => schema.isTimestampSchema() && /creat/i.test(name))[0],
    tagForm: tagFormOf(wanted, has),
    verbs: wanted.flatMap((each) => verbOf(each, shape) ?? []),
  };
}

type IamType = NeededResource['type'];

/** Returns IAM's type of the resource. Creating one may need a permission on another, such as the file system of a mount. */
function typeOf(create: NewOperation, wanted: readonly NewOperation[], noun: string): IamType | undefined {
  const all = wanted.flatMap(({ action }) => action?.resourceTypes ?? []);
  const isOf = ({ name }: IamType) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '') === noun.toLowerCase();
  const members = [...membersOf(create.operation.input).keys()];
  return all.find(isOf) ?? (create.action && neededResources(create.action, create.service.prefix, members)[0]?.type);
}

/** Operations that show a resource, the telling ones first. */
const GETS = ['Get*', 'Describe*', 'Describe*s', 'List*s'];

/** Returns the structure of the resource in the answer, which may be a list of them. */
function shownBy(operation: OperationModel, noun: string): NormalizedSchema | undefined {
  const members = membersOf(operation.output);
  if (!operation.name.endsWith(`${noun}s`)) {
    const under = underOf(operation, noun);
    return under ? members.get(under) : operation.output;
  }
  const list = [...members.values()].find((schema) => schema.isListSchema())?.getValueSchema();
  return list?.isStructSchema() ? list : undefined;
}

/** The last variable is the id. Others are fields that the resource shows. */
function arnText(arn: string, has: Members): string {
  const own = ownVariables(arn);
  return arn.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => {
    if (PLACE.test(name)) return `{${name.toLowerCase()}}`;
    const field = [...has.keys()].find((each) => each.toLowerCase() === name.toLowerCase());
    return name === own.at(-1) ? '{id}' : `{${field ?? name}}`;
  });
}
const PLACE = /^(Partition|Region|Account)$/;
const ownVariables = (arn: string): string[] =>
  [...arn.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name!).filter((name) => !PLACE.test(name));

const isArnOf = (name: string, noun: string): boolean =>
  /arn$/i.test(name) && ['', noun.toLowerCase(), 'resource'].includes(name.toLowerCase().slice(0, -3));

/** `Name`, `WorkGroup`, `WorkGroupName`, `NotebookInstanceName`, `ClusterArn` */
function memberNaming({ operation, service }: NewOperation, noun: string, type: IamType): string | undefined {
  const texts = namesIn(membersOf(operation.input), isText);
  const byIam = Object.values(neededResources({ resourceTypes: [type] }, service.prefix, texts)[0]?.members ?? {}).at(
    -1,
  );
  const stem = noun.toLowerCase();
  const candidates = [
    'name',
    stem,
    `${stem}name`,
    `${stem}identifier`,
    `${stem}id`,
    `${stem}arn`,
    'arn',
    'id',
    'identifier',
  ];
  const required = texts.filter((name) => candidates.includes(name.toLowerCase()));
  return (
    byIam ?? required.toSorted((a, b) => candidates.indexOf(a.toLowerCase()) - candidates.indexOf(b.toLowerCase()))[0]
  );
}

/** The member of the answer that has the record; undefined: the answer is the record. */
function underOf({ output }: OperationModel, noun: string): string | undefined {
  const structures = isStructureOf(membersOf(output));
  const named = structures.filter((name) => name.toLowerCase().startsWith(noun.toLowerCase()));
  return named[0] ?? (membersOf(output).size === 1 ? structures[0] : undefined);
}

type VerbShape = Pick<KindShape, 'noun' | 'id'> & {
  readonly type: IamType;
  readonly has: Members;
  /** The member by which a request gives a new record its id; undefined: AWS generates it. */
  readonly given: string | undefined;
};

function verbOf(wanted: NewOperation, shape: VerbShape): KindVerb | undefined {
  const { noun, type, id } = shape;
  const { operation } = wanted;
  const { name, input, output } = operation;
  const isNew = name === `Create${noun}`;
  const own = isNew ? shape.given : memberNaming(wanted, noun, type);
  const named = own !== undefined && own !== id ? [`named: '${own}'`] : [];
  const under = underOf(operation, noun);
  const answer = under ? [`under: '${under}'`] : membersOf(output).size === 0 ? ['silent: true'] : [];
  const rest = [...membersOf(input)].filter(([member]) => member !== own);
  const verb = (verb: KindVerb['verb'], ...options: string[]): KindVerb => ({ wanted, verb, members: [], options });
  if (isNew) {
    const tags = rest.find(([member]) => TAGS.test(member))?.[0];
    const takes = rest.filter(([member]) => member !== tags);
    return verb('creates', ...named, takesText(takes, shape.has), ...(tags ? [`tags: '${tags}'`] : []), ...answer);
  }
  if ([`Get${noun}`, `Describe${noun}`].includes(name))
    return verb('gets', ...named, ...(under ? [`under: '${under}'`] : []));
  if ([`Update${noun}`, `Modify${noun}`].includes(name))
    return verb('changes', ...named, ...changeTexts(rest, shape.has), ...answer);
  if (name === `Delete${noun}`) return verb('deletes', ...named, ...answer);
  const [list] = namesIn(membersOf(output), (schema) => schema.isListSchema());
  if ([`List${noun}s`, `Describe${noun}s`].includes(name) && list) {
    const isOfAccount = !wanted.action?.resourceTypes.length;
    const by = own ? [`by: '${own}'`] : [];
    return verb(
      'lists',
      ...by,
      `under: '${list}'`,
      ...(isOfAccount ? ['withoutResource: true'] : []),
      ...pagesText(operation),
    );
  }
  const tags = tagVerb(operation);
  return tags && { ...tags, wanted };
}

function tagVerb({ name, input, output }: OperationModel): Omit<KindVerb, 'wanted'> | undefined {
  const members = [...membersOf(input).keys()];
  const [arn] = members.filter((member) => /arn|^resource/i.test(member));
  const second = members.find((member) => /tag/i.test(member));
  if (!arn) return undefined;
  if (/^(TagResource|AddTags\w*)$/.test(name) && second)
    return { verb: 'addsTags', members: [arn, second], options: [] };
  if (/^(UntagResource|RemoveTags\w*)$/.test(name) && second)
    return { verb: 'removesTags', members: [arn, second], options: [] };
  const [under] = [...membersOf(output).keys()].filter((member) => /tag/i.test(member));
  if (!/^(ListTags\w*|GetTags)$/.test(name) || !under) return undefined;
  return { verb: 'listsTags', members: [arn, under], options: pagesText({ input, output }) };
}

/** The sizes are guesses: the SDK's model does not have them. */
function pagesText({ input, output }: Pick<OperationModel, 'input' | 'output'>): string[] {
  const token = namesIn(membersOf(input), (_, name) => /^(next)?token$|marker$/i.test(name))[0];
  const next = namesIn(membersOf(output), (_, name) => /^(next)?token$|marker$/i.test(name))[0];
  const size = namesIn(
    membersOf(input),
    (schema, name) => schema.isNumericSchema() && /^max|limit$|size$/i.test(name),
  )[0];
  if (!token || !next || !size) return [];
  const names = `token: '${token}', next: '${next}', size: '${size}'`;
  return [
    `pages: { ${names}, sizes: [1, 100], usually: 100, invalidToken: () => invalid('The ${token} is not valid.') }`,
  ];
}

const TAGS = /^tags?(list)?$/i;

/** Returns the form of the tags by the first request that has them. */
function tagFormOf(wanted: readonly NewOperation[], has: Members): string | undefined {
  const given = wanted.flatMap(({ operation }) => [...membersOf(operation.input)]);
  const tags = given.find(([name, schema]) => TAGS.test(name) && !schema.isStringSchema())?.[1];
  if (!tags) return undefined;
  const lower = () => membersOf(tags.getValueSchema()).has('key');
  const form = tags.isMapSchema() ? 'TAG_MAP' : lower() ? 'LOWER_CASE_TAG_LIST' : 'TAG_LIST';
  const shownAs = [...has.keys()].find((name) => TAGS.test(name));
  return shownAs ? `{ ...${form}, shownAs: '${shownAs}' }` : form;
}

type Given = readonly (readonly [string, NormalizedSchema])[];

const takesText = (given: Given, has: Members): string =>
  `takes: { ${given.flatMap(([name, schema]) => ruleText(name, schema, has) ?? []).join(', ')} }`;

/** Members that the resource does not show are left out: the sandbox refuses them, as they would have no effect. */
function ruleText(name: string, schema: NormalizedSchema, has: Members): string | undefined {
  if (schema.getMergedTraits().idempotencyToken) return `${name}: notKept(anyValue)`;
  const into = updated(name, has);
  const rule = has.has(name) || into ? valueRule(schema) : undefined;
  return rule && `${name}: ${into ? `notKept(${rule})` : rule}`;
}

const updated = (name: string, has: Members): string | undefined => {
  const into = name.replace(/Updates?$/, '');
  return into !== name && has.has(into) ? into : undefined;
};

/** Structures are one level deep: what is in them is left to people. */
function valueRule(schema: NormalizedSchema): string | undefined {
  if (schema.isMapSchema()) return schema.getValueSchema().isStringSchema() ? 'anyTexts' : undefined;
  if (schema.isListSchema()) {
    const each = schema.getValueSchema();
    return each.isStructSchema() ? structureRule('listOf', each) : each.isListSchema() ? undefined : 'anyValue';
  }
  return schema.isStructSchema() ? structureRule('membersOf', schema) : 'anyValue';
}

function structureRule(rule: string, schema: NormalizedSchema): string {
  const plain = namesIn(
    membersOf(schema),
    (each) => !each.isStructSchema() && !each.isListSchema() && !each.isMapSchema(),
  );
  return `${rule}<sdk.${schema.getName()?.replace(/^.*#/, '')}>({ ${plain.map((name) => `${name}: anyValue`).join(', ')} })`;
}

/** `ConfigurationUpdates` changes members of Configuration, and leaves the rest of it. */
function changeTexts(given: Given, has: Members): string[] {
  const merged = given.flatMap(([name]) => {
    const into = updated(name, has);
    return into ? [[name, into] as const] : [];
  });
  if (merged.length === 0) return [takesText(given, has)];
  const fields = merged.map(([name, into]) => `${into}: { ...(record.${into} as object), ...${name} }`);
  const effect = `effect: (given, record, { ${merged.map(([name]) => name).join(', ')} }) => ({ now: { ...given, ${fields.join(', ')} } })`;
  return [takesText(given, has), effect];
}
