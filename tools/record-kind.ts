/**
 * A kind of record with its verbs, where the SDK's model shows them: operations that create, show, change, list, delete
 * and tag one resource. AWS's errors and defaults are guesses, which `npm run check` refuses until somebody has read AWS's
 * pages.
 */
import { camelCase, constantCase, kebabCase } from './identifiers.ts';
import type { NewOperation } from './operation-needs.ts';
import { type KindShape, kindShape } from './record-shape.ts';
import { type KindVerb, verbOf } from './record-verbs.ts';
import { withImport } from './source-text.ts';
import { NOT_WRITTEN } from './structure/skeletons.ts';

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
  operations: readonly NewOperation[],
  sdkPackage: string,
  sdkErrors: readonly string[],
): NewKind | undefined {
  const shape = kindShape(operations);
  if (!shape) return undefined;
  const verbs = operations.flatMap((operation) => verbOf(operation, shape) ?? []);
  const stem = kebabCase(shape.noun);
  const names = {
    constant: constantCase(stem),
    records: `${camelCase(stem)}s`,
    operations: `${camelCase(stem)}Operations`,
  };
  const body = [
    errorHelpersText(shape, sdkErrors),
    kindText(shape, names, sdkErrors),
    verbs.some(({ verb }) => verb.endsWith('Tags')) ? taggedText(names) : '',
    tableText(shape, verbs, names),
  ].join('');
  const text = `${importsText(sdkPackage, body)}\n${body}`;
  return { ...names, file: `${stem}.ts`, text, covers: verbs.map(({ operation }) => operation) };
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

const isUsedIn = (body: string, name: string): boolean =>
  new RegExp(`\\b${name.replace('type ', '')}[(<,;:\\]) }]`).test(body);

/** Returns a file with imports of the names that occur in `body`, unless it has or defines them. */
export function missingImports(text: string, body: string): string {
  return IMPORTS.reduce((file, [path, names]) => {
    const missing = names.filter((name) => {
      const plainName = name.replace('type ', '');
      const isKnown = new RegExp(`^import [^;]*\\b${plainName}\\b[^;]*;|^const ${plainName}\\b`, 'm').test(file);
      return isUsedIn(body, name) && !isKnown;
    });
    if (missing.length === 0) return file;
    const existing = new RegExp(`^import \\{([^}]*)\\} from '\\.\\./\\.\\./${path.replaceAll('.', '\\.')}';$`, 'm');
    const line = (more: string) =>
      `import { ${[...missing, more.trim()].filter(Boolean).join(', ')} } from '../../${path}';`;
    return existing.test(file) ? file.replace(existing, (_, more: string) => line(more)) : withImport(file, line(''));
  }, text);
}

/** Imports the names that occur in `body`. */
function importsText(sdkPackage: string, body: string): string {
  const imports = IMPORTS.flatMap(([path, names]) => {
    const used = names.filter((name) => isUsedIn(body, name));
    return used.length > 0 ? [`import { ${used.join(', ')} } from '../../${path}';`] : [];
  });
  return `/** Link AWS's pages of the operations here. */
import type * as sdk from '${sdkPackage}';
${imports.join('\n')}
`;
}

type KindNames = Pick<NewKind, 'constant' | 'records' | 'operations'>;

function errorHelpersText({ noun }: KindShape, sdkErrors: readonly string[]): string {
  const modelled = sdkErrors.length > 0 ? 'const modelled = sdkErrors<typeof sdk>();\n' : '';
  return `${modelled}const invalid = (message: string) => ${errorText('invalid', noun, sdkErrors, 'message')};\n`;
}

function kindText(shape: KindShape, { constant, records }: KindNames, sdkErrors: readonly string[]): string {
  return `
/**
 * ${NOT_WRITTEN}facts. Compare them with AWS's pages, then delete this sentence: errors and their texts, what AWS
 * fills in (\`initially\`), what it generates (\`generated\`), a quota (\`quota\`), sizes of pages (\`sizes\`), states that take
 * time (\`lifecycle\`).
 */
export const ${constant}: RecordKind<${shape.shown.type}> = {
  name: '${records}',
  ${[...identityLines(shape, sdkErrors), ...initialLines(shape), ...tagLines(shape)].join('\n  ')}
};
`;
}

function identityLines(shape: KindShape, sdkErrors: readonly string[]): string[] {
  const { noun, arn, id, isNamedByArn, idInRequest } = shape;
  const missing = errorText('missing', noun, sdkErrors, `\`${noun} \${id} is not found.\``);
  const exists = errorText('exists', noun, sdkErrors, `\`${noun} \${id} already exists.\``);
  const isGenerated = idInRequest === undefined;
  return [
    `arn: '${arn}',`,
    `id: '${id}',`,
    ...(isNamedByArn ? [`namedBy: 'arn',`] : []),
    ...(isGenerated ? ["newId: (at) => at.kernel.id('', 17),"] : []),
    `missing: (id) => ${missing},`,
    ...(isGenerated ? [] : [`exists: (id) => ${exists},`]),
    'invalid,',
  ];
}

/** The kit itself fills in the id, so an ARN that is the id needs no line. */
function initialLines({ id, shownArn, createdAt }: KindShape): string[] {
  const arnMember = shownArn === id ? undefined : shownArn;
  const parameters = [...(arnMember ? ['arn'] : []), ...(createdAt ? ['at'] : [])];
  return [
    `initially: (${parameters.length > 0 ? `{ ${parameters.join(', ')} }` : ''}) => ({`,
    ...(arnMember ? [`${arnMember}: arn,`] : []),
    ...(createdAt ? [`${createdAt}: new Date(at.kernel.clock.now()),`] : []),
    '}),',
    ...(createdAt ? [`generated: ['${createdAt}'],`] : []),
  ];
}

export const tagFactsText = (tagForm: string): string => `  tags: ${tagForm},\n`;
const tagLines = ({ tagForm }: KindShape): string[] => (tagForm ? [tagFactsText(tagForm).trim()] : []);

export const taggedText = ({ constant }: Pick<KindNames, 'constant'>): string => `
const TAGGED: TaggedKinds = { kinds: [${constant}], form: ${constant}.tags!, unknownArn: (arn) => ${constant}.missing(arn) };
`;

/** The names of errors for each fact, the likeliest first. */
const ERROR_NAMES = {
  missing: [/NotFound|NotExist|NoSuch|Unknown/, /^(InvalidRequest|Validation|BadRequest|InvalidInput)/],
  exists: [/AlreadyExists|Exists|Conflict|InUse/, /^(InvalidRequest|Validation|BadRequest|InvalidInput)/],
  invalid: [
    /^(InvalidRequest|Validation|BadRequest|InvalidInput|InvalidParameter(Value)?)(Exception|Fault)?$/,
    /Invalid/,
  ],
} as const;
const ERROR_OF_ANY_RESOURCE = /^(Resource|Entity|Object|Conflict|NotFound|Invalid|Validation|BadRequest)/;

/** Prefers errors of the resource itself to those of any resource, and never takes one of another resource. */
function errorText(
  fact: keyof typeof ERROR_NAMES,
  noun: string,
  sdkErrors: readonly string[],
  message: string,
): string {
  const candidates = [
    ...sdkErrors.filter((name) => name.startsWith(noun)),
    ...sdkErrors.filter((name) => ERROR_OF_ANY_RESOURCE.test(name)),
  ];
  const [name] = ERROR_NAMES[fact].flatMap((pattern) => candidates.filter((candidate) => pattern.test(candidate)));
  return name ? `modelled('${name}', ${message})` : `new AwsError('ValidationException', ${message})`;
}

const tableText = ({ prefix }: KindShape, verbs: readonly KindVerb[], { constant, operations }: KindNames): string => `
export const ${operations} = recordOperations<typeof sdk>('${prefix}', {
${verbs.map((each) => `  ${each.operation.model.name}: ${verbText(each, constant)},`).join('\n')}
});
`;

/** Returns the verb as the table has it: `deletes(WORK_GROUP, { silent: true })`. */
export function verbText({ verb, members, options }: KindVerb, constant: string): string {
  const first = verb.endsWith('Tags') ? ['TAGGED', ...members.map((member) => `'${member}'`)] : [constant];
  return `${verb}(${[...first, ...(options.length > 0 ? [`{ ${options.join(', ')} }`] : [])].join(', ')})`;
}

/** Returns what a person has to do after the kind is written. */
export const kindSteps = (
  { constant, records, operations, covers }: NewKind,
  service: string,
  isRegistered: boolean,
): string =>
  `${covers.map(({ model }) => model.name).join(', ')} ${covers.length === 1 ? 'is a verb' : 'are verbs'} of ${constant}, and work.${
    isRegistered
      ? ''
      : `\nNot registered: put ...${operations} among the operations of sandbox/services/${service}/index.ts, ${constant} among its KINDS, and '${records}' into state.ts.`
  }
Its facts are guesses until you delete the sentence "not written yet" above it; npm run check refuses it. Read AWS's page of each
operation: its errors, what it fills in, which members it takes (every other one is refused by name).`;
