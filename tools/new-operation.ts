/**
 * `npm run new:operation -- rds DescribeDBInstances` writes operations of a sandbox service with the permissions that
 * IAM's data has for them, and registers them. They refuse to run until you have written what they do.
 */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { UsageError } from '../cli/errors/usage-error.ts';
import { suggestion } from '../functions/domain/nearest.ts';
import { actionDetails, actionExists } from '../sandbox/authorization/actions.ts';
import type { Service } from '../sandbox/kernel/kernel.ts';
import { SERVICES as ALL_SERVICES } from '../sandbox/services/services.generated.ts';
import { modelOf, type OperationModel } from '../sandbox/wire/model.ts';
import {
  type NeededResource,
  type NewOperation,
  neededResources,
  needsText,
  permissionText,
} from './operation-needs.ts';
import { kindSteps, type NewKind, newKind } from './record-kind.ts';
import { runGenerator } from './run-generator.ts';
import { fileName, formatFiles, SERVICES_FOLDER, variable } from './sandbox-skeletons.ts';

const USAGE =
  'npm run new:operation -- <service> <Operation> …\n  (kinesis DescribeStreamSummary EnableEnhancedMonitoring)';

/** @throws UsageError with everything that is wrong, before anything is written */
async function parseArguments(): Promise<NewOperation[]> {
  const { positionals } = parseArgs({ allowPositionals: true });
  const [name, ...given] = positionals;
  if (!name || given.length === 0)
    throw new UsageError(`Name one service, and its operations. Nothing was written.\n${USAGE}`);
  const service = serviceNamed(name);
  const faults = given.flatMap((each, n) => faultOf(service, each, given.slice(0, n)) ?? []);
  if (faults.length > 0) throw new UsageError(`${faults.join('\n')}\nNothing was written.`);
  return Promise.all(given.map((each) => newOperation(service, each)));
}

function faultOf(service: Service, given: string, before: readonly string[]): string | undefined {
  const names = [...modelOf(service).operations.keys()];
  if (!names.includes(given)) return `${service.name} has no operation ${given}${suggestion(given, names) || '.'}`;
  if (Object.hasOwn(service.operations, given)) return `sandbox/services/${service.name} models ${given} already.`;
  if (before.includes(given)) return `${given} stands twice.`;
  const file = fileOf(service, given);
  return existsSync(file) ? `${file} exists already.` : undefined;
}

async function newOperation(service: Service, given: string): Promise<NewOperation> {
  const action = `${service.prefix}:${given}`;
  return {
    service,
    operation: modelOf(service).operations.get(given)!,
    file: fileOf(service, given),
    action: (await actionExists(action)) ? await actionDetails(action) : undefined,
  };
}

const fileOf = ({ name }: Service, operation: string): string =>
  join(SERVICES_FOLDER, name, `${fileName(operation)}.ts`);

function serviceNamed(name: string): Service {
  const found = ALL_SERVICES.find((each) => each.name === name && Object.keys(each.sdk).length > 0);
  if (found) return found;
  const names = ALL_SERVICES.map((each) => each.name);
  throw new UsageError(
    `The sandbox has no service ${name}${suggestion(name, names) || '.'} Add it first: npm run new:service -- ${name}`,
  );
}

async function write(wanted: readonly NewOperation[]): Promise<string> {
  const { name, sdk } = wanted[0]!.service;
  const folder = join(SERVICES_FOLDER, name);
  const index = join(folder, 'index.ts');
  const before = await readFile(index, 'utf8');
  const kind = newKind(wanted, packageIn(before), errorsOf(sdk));
  if (kind && !existsSync(join(folder, kind.file))) return writeKind(kind, wanted, before);
  const registered = wanted.reduce<string | undefined>((text, each) => text && withOperation(text, each), before);
  for (const each of wanted) await writeFile(each.file, operationText(each, packageIn(before)));
  if (registered) await writeFile(index, registered);
  await formatFiles([`sandbox/services/${name}`]);
  return nextSteps(wanted, registered !== undefined);
}

const errorsOf = (sdk: object): string[] => Object.keys(sdk).filter((name) => /(Exception|Fault)$/.test(name));

/** Writes the kind, and what it does not cover as operations of their own. */
async function writeKind(kind: NewKind, wanted: readonly NewOperation[], before: string): Promise<string> {
  const { name } = wanted[0]!.service;
  const folder = join(SERVICES_FOLDER, name);
  await writeFile(join(folder, kind.file), kind.text);
  const registered = withKind(before, await readFile(join(folder, 'state.ts'), 'utf8'), kind);
  if (registered) {
    await writeFile(join(folder, 'index.ts'), registered.index);
    await writeFile(join(folder, 'state.ts'), registered.state);
  }
  const path = `sandbox/services/${name}`;
  await formatFiles([path]);
  const paths = [`${path}/${kind.file}`, ...(registered ? [`${path}/index.ts`, `${path}/state.ts`] : [])];
  const steps = `${paths.join('\n')}\n\n${kindSteps(kind, name, registered !== undefined)}`;
  const rest = wanted.filter((each) => !kind.covers.includes(each));
  return rest.length === 0 ? steps : `${steps}\n\n${await write(rest)}`;
}

const EMPTY_KINDS = 'const KINDS: readonly RecordKind[] = [';
const STATE_KINDS = /(recordStateKey\('\w+', '\w+', \[)/;

/** Returns index.ts and state.ts with the kind; undefined if they have another form than `new:service` gave them. */
function withKind(index: string, state: string, { constant, operations, records, file }: NewKind) {
  if (!index.includes(EMPTY_KINDS) || !STATE_KINDS.test(state)) return undefined;
  const imported = `import { ${constant}, ${operations} } from './${file}';\n`;
  const forms: readonly (readonly [RegExp, string])[] = [
    [/^ {2}operations: \{\},$/m, `  operations: ${operations},`],
    [/^ {2}operations: \{(?=[\n ])/m, `  operations: { ...${operations},`],
    [/^ {2}operations: (\w+),$/m, `  operations: { ...$1, ...${operations} },`],
  ];
  const [form, text] = forms.find(([each]) => each.test(index)) ?? [];
  if (!form || !text) return undefined;
  const kinds = index
    .replace('/** No operation is modelled yet. */', `/** Plain records: ${records}. */`)
    .replace(form, text)
    .replace(EMPTY_KINDS, `${EMPTY_KINDS}${constant}, `);
  const end = kinds.indexOf(';\n', kinds.lastIndexOf('\nimport ')) + 2;
  return {
    index: kinds.slice(0, end) + imported + kinds.slice(end),
    state: state.replace(STATE_KINDS, `$1'${records}', `),
  };
}

const packageIn = (index: string): string => /from '(@aws-sdk\/client-[^']+)'/.exec(index)![1]!;

/** The forms in which index.ts has its operations; `$` is the new one. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/^ {2}operations: \{\},$/m, '  operations: { $ },'],
  [/^ {2}operations: \{(?=[\n ])/m, '  operations: { $,'],
  [/^ {2}operations: (recordOperations<typeof sdk>\([\s\S]*?^ {2}\}\)),$/m, '  operations: { $, ...$1 },'],
  [/^ {2}operations: (\w+),$/m, '  operations: { $, ...$1 },'],
];

/** Returns the definition with the operation; undefined if its operations have another form. */
function withOperation(index: string, { operation: { name }, file }: NewOperation): string | undefined {
  const own = variable(name);
  const [form, text] = FORMS.find(([each]) => each.test(index)) ?? [];
  if (!form || !text) return undefined;
  const registered = index.replace(form, text.replace('$ ', `${name}: ${own} `).replace('$,', `${name}: ${own},`));
  const end = registered.indexOf(';\n', registered.lastIndexOf('\nimport ')) + 2;
  return `${registered.slice(0, end)}import { ${own} } from './${basename(file)}';\n${registered.slice(end)}`;
}

function operationText({ service, operation, action, file }: NewOperation, sdkPackage: string): string {
  const { name } = operation;
  return `/** ${name} is not modelled yet. */
import type * as sdk from '${sdkPackage}';
import type { InputOf, OutputOf, ServiceOperation } from '../../kernel/service.ts';
import { notModelled } from '../requests.ts';

export const ${variable(name)}: ServiceOperation<InputOf<typeof sdk, '${name}'>, OutputOf<typeof sdk, '${name}'>, any> = {
${needsText(action, neededOf({ service, operation, action }))}  run: () => {
    throw notModelled('${service.name} ${name} yet: write sandbox/services/${service.name}/${basename(file)}');
  },
};
`;
}

const membersOf = ({ input }: OperationModel): string[] => [...input.structIterator()].map(([member]) => member);

const neededOf = ({ service, operation, action }: Omit<NewOperation, 'file'>): NeededResource[] =>
  action ? neededResources(action, service.prefix, membersOf(operation)) : [];

function nextSteps(wanted: readonly NewOperation[], isRegistered: boolean): string {
  const { name } = wanted[0]!.service;
  const index = `sandbox/services/${name}/index.ts`;
  const names = wanted.map(({ operation }) => `${operation.name}: ${variable(operation.name)}`).join(', ');
  const files = wanted.map(({ file }) => `sandbox/services/${name}/${basename(file)}`);
  const isOne = wanted.length === 1;
  return `${files.join('\n')}
${isRegistered ? index : `Not registered: put ${names} among the operations of ${index}.`}

${isOne ? 'It is' : 'They are'} refused as NotModelled until you write ${isOne ? 'it' : 'them'}. What is left${isOne ? '' : ' of each'}:

1. Its effect: by a verb, if its resources are plain records (creates, changes, lists, gets, deletes of sandbox/records/verbs.ts),
   which then stands in the table of recordOperations instead of this file; otherwise by needs and run.
2. Its permission:${itemText(wanted, (each) => permissionText(each.action, neededOf(each)))}
3. Its request:${itemText(wanted, requestText)}
   Model those members that Suture sends, and refuse the others by name (onlyMembers of sandbox/services/requests.ts).
4. Its errors, with AWS's names and conditions: read AWS's page, and link it at the head of the file.
5. A test through the SDK's client, then:
   npm run generate && npm run check`;
}

/** Several operations have a line each. */
const itemText = (wanted: readonly NewOperation[], text: (each: NewOperation) => string): string =>
  wanted.length === 1
    ? ` ${text(wanted[0]!)}`
    : wanted.map((each) => `\n   ${each.operation.name}: ${text(each).replaceAll('\n', '\n  ')}`).join('');

const requestText = ({ operation }: NewOperation): string =>
  `it has ${membersOf(operation).join(', ') || 'no members'}.`;

if (process.argv[1] === fileURLToPath(import.meta.url))
  await runGenerator(USAGE, async () => write(await parseArguments()));
