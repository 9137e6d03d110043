/** The verb of each operation of a resource, with its options as source text. */
import type { OperationModel } from '../sandbox/wire/model.ts';
import { changeTexts, type RequestMembers, takesText } from './member-rules.ts';
import type { NewOperation } from './operation-needs.ts';
import { type KindShape, memberNaming, recordMember } from './record-shape.ts';
import { isTagsMember, memberNames, structureMembers } from './schema-members.ts';

type RecordVerbName = 'creates' | 'gets' | 'lists' | 'changes' | 'deletes';
type TagVerbName = 'addsTags' | 'removesTags' | 'listsTags';

export type KindVerb = {
  readonly operation: NewOperation;
  readonly verb: RecordVerbName | TagVerbName;
  /** Arguments of a verb about tags: members of its request and its answer. */
  readonly members: readonly string[];
  /** As in the code: `under: 'WorkGroup'`. */
  readonly options: readonly string[];
};

/** Returns undefined for an operation that no verb covers. */
export function verbOf(operation: NewOperation, shape: KindShape): KindVerb | undefined {
  const verb = verbNameOf(operation.model, shape.noun);
  if (verb) return { operation, verb, members: [], options: VERB_OPTIONS[verb](requestOf(operation, shape), shape) };
  const tagVerb = tagVerbOf(operation.model);
  return tagVerb && { ...tagVerb, operation };
}

function verbNameOf({ name, output }: OperationModel, noun: string): RecordVerbName | undefined {
  if (name === `Create${noun}`) return 'creates';
  if ([`Get${noun}`, `Describe${noun}`].includes(name)) return 'gets';
  if ([`Update${noun}`, `Modify${noun}`].includes(name)) return 'changes';
  if (name === `Delete${noun}`) return 'deletes';
  const isList = [`List${noun}s`, `Describe${noun}s`].includes(name);
  return isList && listMember({ output }) !== undefined ? 'lists' : undefined;
}

const listMember = ({ output }: Pick<OperationModel, 'output'>): string | undefined =>
  memberNames(structureMembers(output), (schema) => schema.isListSchema())[0];

type RecordRequest = {
  readonly operation: NewOperation;
  /** The member that names the record. */
  readonly idMember: string | undefined;
  readonly otherMembers: RequestMembers;
};

function requestOf(operation: NewOperation, shape: KindShape): RecordRequest {
  const isNew = operation.model.name === `Create${shape.noun}`;
  const idMember = isNew ? shape.idInRequest : memberNaming(operation, shape.noun, shape.type);
  const otherMembers = [...structureMembers(operation.model.input)].filter(([name]) => name !== idMember);
  return { operation, idMember, otherMembers };
}

const VERB_OPTIONS: Readonly<Record<RecordVerbName, (request: RecordRequest, shape: KindShape) => string[]>> = {
  creates(request, shape) {
    const tags = request.otherMembers.find(([name]) => isTagsMember(name))?.[0];
    const taken = request.otherMembers.filter(([name]) => name !== tags);
    return [
      ...namedOption(request, shape),
      takesText(taken, shape.shown.members),
      ...(tags ? [`tags: '${tags}'`] : []),
      ...answerOption(request, shape),
    ];
  },
  gets: (request, shape) => [...namedOption(request, shape), ...underOption(request, shape)],
  changes: (request, shape) => [
    ...namedOption(request, shape),
    ...changeTexts(request.otherMembers, shape.shown.members),
    ...answerOption(request, shape),
  ],
  deletes: (request, shape) => [...namedOption(request, shape), ...answerOption(request, shape)],
  lists: ({ operation: { model, action }, idMember }) => [
    ...(idMember ? [`by: '${idMember}'`] : []),
    `under: '${listMember(model)}'`,
    ...(action?.resourceTypes.length ? [] : ['withoutResource: true']),
    ...pagesOption(model),
  ],
};

const namedOption = ({ idMember }: RecordRequest, { id }: KindShape): string[] =>
  idMember === undefined || idMember === id ? [] : [`named: '${idMember}'`];

function underOption({ operation }: RecordRequest, { noun }: KindShape): string[] {
  const member = recordMember(operation.model, noun);
  return member ? [`under: '${member}'`] : [];
}

function answerOption(request: RecordRequest, shape: KindShape): string[] {
  const under = underOption(request, shape);
  const isEmptyAnswer = structureMembers(request.operation.model.output).size === 0;
  return under.length === 0 && isEmptyAnswer ? ['silent: true'] : under;
}

function tagVerbOf({ name, input, output }: OperationModel): Omit<KindVerb, 'operation'> | undefined {
  const inRequest = [...structureMembers(input).keys()];
  const arn = inRequest.find((member) => /arn|^resource/i.test(member));
  const tags = inRequest.find((member) => /tag/i.test(member));
  const tagsInAnswer = [...structureMembers(output).keys()].find((member) => /tag/i.test(member));
  if (!arn) return undefined;
  if (/^(TagResource|AddTags\w*)$/.test(name) && tags) return { verb: 'addsTags', members: [arn, tags], options: [] };
  if (/^(UntagResource|RemoveTags\w*)$/.test(name) && tags)
    return { verb: 'removesTags', members: [arn, tags], options: [] };
  if (/^(ListTags\w*|GetTags)$/.test(name) && tagsInAnswer)
    return { verb: 'listsTags', members: [arn, tagsInAnswer], options: pagesOption({ input, output }) };
  return undefined;
}

const PAGE_TOKEN = /^(next)?token$|marker$/i;
const PAGE_SIZE = /^max|limit$|size$/i;

/** The sizes are guesses: the SDK's model does not have them. */
function pagesOption({ input, output }: Pick<OperationModel, 'input' | 'output'>): string[] {
  const isToken = (_: unknown, name: string) => PAGE_TOKEN.test(name);
  const [token] = memberNames(structureMembers(input), isToken);
  const [next] = memberNames(structureMembers(output), isToken);
  const [size] = memberNames(
    structureMembers(input),
    (schema, name) => schema.isNumericSchema() && PAGE_SIZE.test(name),
  );
  if (!token || !next || !size) return [];
  const names = `token: '${token}', next: '${next}', size: '${size}'`;
  return [
    `pages: { ${names}, sizes: [1, 100], usually: 100, invalidToken: () => invalid('The ${token} is not valid.') }`,
  ];
}
