/**
 * A kind of record with its verbs, where the SDK's model shows them: operations that create, show, change, list, delete
 * and tag one resource. AWS's errors and defaults are guesses, which `npm run check` refuses until somebody has read AWS's
 * pages.
 */
import type { NewOperation } from './operation-needs.ts';
import { type KindShape, type KindVerb, kindShape, shownTypeOf } from './record-shape.ts';
import { camelCase } from './resource-type-facts.ts';
import { fileName } from './sandbox-skeletons.ts';
import { NOT_WRITTEN } from './structure/resource-types.ts';

export type NewKind = {
  /** `WORK_GROUP` */
  readonly constant: string;
  /** `workGroups` */
  readonly records: string;
  /** `workGroupOperations` */
  readonly operations: string;
  /** `work-group.ts` */
  readonly file: string;
  readonly text: string;
  readonly covers: readonly NewOperation[];
};

/** Returns undefined if the operations do not create a resource and show it. */
export function newKind(
  wanted: readonly NewOperation[],
  sdkPackage: string,
  errors: readonly string[],
): NewKind | undefined {
  const shape = kindShape(wanted);
  if (!shape) return undefined;
  const stem = fileName(shape.noun);
  const constant = stem.toUpperCase().replaceAll('-', '_');
  const names = { constant, records: `${camelCase(stem)}s`, operations: `${camelCase(stem)}Operations` };
  const body = `${kindText(shape, names, errors)}${tableText(shape, names)}`;
  const text = `${head(sdkPackage, body)}\n${body}`;
  return { ...names, file: `${stem}.ts`, text, covers: shape.verbs.map(({ wanted: each }) => each) };
}

const IMPORTS: readonly (readonly [path: string, names: readonly string[]])[] = [
  ['kernel/kernel.ts', ['AwsError']],
  ['records/errors.ts', ['sdkErrors']],
  ['records/operation.ts', ['recordOperations']],
  ['records/record.ts', ['type RecordKind']],
  ['records/rules.ts', ['anyTexts', 'anyValue', 'listOf', 'membersOf', 'notKept']],
  ['records/tag-forms.ts', ['LOWER_CASE_TAG_LIST', 'TAG_LIST', 'TAG_MAP']],
  ['records/tags.ts', ['addsTags', 'listsTags', 'removesTags', 'type TaggedKinds']],
  ['records/verbs.ts', ['changes', 'creates', 'deletes', 'gets', 'lists']],
];

/** Imports what the text uses. */
function head(sdkPackage: string, text: string): string {
  const isUsed = (name: string) => new RegExp(`\\b${name.replace('type ', '')}[(<,;:\\]) }]`).test(text);
  const imports = IMPORTS.flatMap(([path, names]) => {
    const used = names.filter(isUsed);
    return used.length > 0 ? [`import { ${used.join(', ')} } from '../../${path}';`] : [];
  });
  return `/** Link AWS's pages of the operations here. */
import type * as sdk from '${sdkPackage}';
${imports.join('\n')}
`;
}

type Names = Pick<NewKind, 'constant' | 'records' | 'operations'>;

function kindText(shape: KindShape, { constant, records }: Names, errors: readonly string[]): string {
  const { noun, arn, id, namedBy, isNamedByAws, createdAt, tagForm } = shape;
  const shownArn = shape.shownArn === id ? undefined : shape.shownArn;
  const errorOf = errorTexts(noun, errors);
  const used = [shownArn && 'arn', createdAt && 'at'].filter(Boolean);
  const lines = [
    `name: '${records}',`,
    `arn: '${arn}',`,
    `id: '${id}',`,
    namedBy && `namedBy: '${namedBy}',`,
    isNamedByAws && "newId: (at) => at.kernel.id('', 17),",
    `missing: (id) => ${errorOf('missing', `${noun} \${id} is not found.`)},`,
    !isNamedByAws && `exists: (id) => ${errorOf('exists', `${noun} \${id} already exists.`)},`,
    'invalid,',
    `initially: (${used.length > 0 ? `{ ${used.join(', ')} }` : ''}) => ({`,
    shownArn && `${shownArn}: arn,`,
    createdAt && `${createdAt}: new Date(at.kernel.clock.now()),`,
    '}),',
    createdAt && `generated: ['${createdAt}'],`,
    tagForm && `tags: ${tagForm},`,
  ];
  const tagged = `
const TAGGED: TaggedKinds = { kinds: [${constant}], form: ${constant}.tags!, unknownArn: (arn) => ${constant}.missing(arn) };
`;
  return `${errors.length > 0 ? 'const modelled = sdkErrors<typeof sdk>();\n' : ''}const invalid = (message: string) => ${errorOf('invalid', undefined)};

/**
 * ${NOT_WRITTEN.slice(1)}facts. Compare them with AWS's pages, then delete this sentence: errors and their texts, what AWS
 * fills in (\`initially\`), what it generates (\`generated\`), a quota (\`quota\`), sizes of pages (\`sizes\`), states that take
 * time (\`lifecycle\`).
 */
export const ${constant}: RecordKind<${shownTypeOf(shape)}> = {
  ${lines.filter(Boolean).join('\n  ')}
};
${shape.verbs.some(({ verb }) => verb.endsWith('Tags')) ? tagged : ''}`;
}

const ERRORS = {
  missing: [/NotFound|NotExist|NoSuch|Unknown/, /^(InvalidRequest|Validation|BadRequest|InvalidInput)/],
  exists: [/AlreadyExists|Exists|Conflict|InUse/, /^(InvalidRequest|Validation|BadRequest|InvalidInput)/],
  invalid: [
    /^(InvalidRequest|Validation|BadRequest|InvalidInput|InvalidParameter(Value)?)(Exception|Fault)?$/,
    /Invalid/,
  ],
} as const;

/** Takes errors of the resource itself before those of any resource; none of another resource. */
const errorTexts =
  (noun: string, errors: readonly string[]) =>
  (fact: keyof typeof ERRORS, message: string | undefined): string => {
    const own = errors.filter((name) => name.startsWith(noun));
    const general = errors.filter((name) =>
      /^(Resource|Entity|Object|Conflict|NotFound|Invalid|Validation|BadRequest)/.test(name),
    );
    const found = ERRORS[fact].flatMap((pattern) => [...own, ...general].filter((name) => pattern.test(name)))[0];
    const text = message === undefined ? 'message' : `\`${message}\``;
    return found ? `modelled('${found}', ${text})` : `new AwsError('ValidationException', ${text})`;
  };

const tableText = ({ prefix, verbs }: KindShape, { constant, operations }: Names): string => `
export const ${operations} = recordOperations<typeof sdk>('${prefix}', {
${verbs.map((each) => `  ${each.wanted.operation.name}: ${verbText(each, constant)},`).join('\n')}
});
`;

function verbText({ verb, members, options }: KindVerb, constant: string): string {
  if (verb.endsWith('Tags'))
    return `${verb}(TAGGED, ${members.map((member) => `'${member}'`).join(', ')}${options.length > 0 ? `, { ${options.join(', ')} }` : ''})`;
  return `${verb}(${constant}${options.length > 0 ? `, { ${options.join(', ')} }` : ''})`;
}

/** Returns what is left to do. */
export const kindSteps = (
  { constant, records, operations, covers }: NewKind,
  name: string,
  isRegistered: boolean,
): string =>
  `${covers.map(({ operation }) => operation.name).join(', ')} ${covers.length === 1 ? 'is a verb' : 'are verbs'} of ${constant}, and work.${
    isRegistered
      ? ''
      : `\nNot registered: put ...${operations} among the operations of sandbox/services/${name}/index.ts, ${constant} among its KINDS, and '${records}' into state.ts.`
  }
Its facts are guesses until you delete the sentence "not written yet" above it; npm run check refuses it. Read AWS's page of each
operation: its errors, what it fills in, which members it takes (every other one is refused by name).`;
