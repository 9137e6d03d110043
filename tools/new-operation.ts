/**
 * `npm run new:operation -- rds DescribeDBInstances` writes operations of a sandbox service with the permissions that
 * IAM's data has for them, and registers them. They refuse to run until you have written what they do.
 */
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../cli/errors/usage-error.ts';
import { parseOptions } from '../cli/options/parse-options.ts';
import { suggestion } from '../functions/domain/nearest.ts';
import { actionDetails, actionExists } from '../sandbox/authorization/actions.ts';
import type { Service } from '../sandbox/kernel/kernel.ts';
import { SERVICES } from '../sandbox/services/services.generated.ts';
import { modelOf, type OperationModel } from '../sandbox/wire/model.ts';
import { type ExtendedKind, extendedKind, extensionSteps, type KindFile } from './extend-kind.ts';
import { kebabCase, lowerFirst } from './identifiers.ts';
import {
  type NeededResource,
  type NewOperation,
  neededResources,
  needsText,
  permissionText,
} from './operation-needs.ts';
import { kindSteps, type NewKind, newKind } from './record-kind.ts';
import { registerKind, registerOperation } from './register-operations.ts';
import { runGenerator } from './run-generator.ts';
import { formatFiles, SERVICES_FOLDER } from './sdk-client.ts';

const USAGE =
  'npm run new:operation -- <service> <Operation> …\n  (kinesis DescribeStreamSummary EnableEnhancedMonitoring)';

/** @throws UsageError with everything that is wrong */
async function parseArguments(): Promise<NewOperation[]> {
  const { positionals } = parseOptions({ allowPositionals: true });
  const [serviceName, ...names] = positionals;
  if (!serviceName || names.length === 0)
    throw new UsageError(`Name one service, and its operations. Nothing was written.\n${USAGE}`);
  const service = findService(serviceName);
  const problems = names.flatMap((name, n) => problemWith(service, name, names.slice(0, n)) ?? []);
  if (problems.length > 0) throw new UsageError(`${problems.join('\n')}\nNothing was written.`);
  return Promise.all(names.map((name) => newOperation(service, name)));
}

function findService(serviceName: string): Service {
  const service = SERVICES.find(({ name, sdk }) => name === serviceName && Object.keys(sdk).length > 0);
  if (service) return service;
  const names = SERVICES.map(({ name }) => name);
  throw new UsageError(
    `The sandbox has no service ${serviceName}${suggestion(serviceName, names) || '.'} Add it first: npm run new:service -- ${serviceName}`,
  );
}

function problemWith(service: Service, name: string, earlierNames: readonly string[]): string | undefined {
  const names = [...modelOf(service).operations.keys()];
  if (!names.includes(name)) return `${service.name} has no operation ${name}${suggestion(name, names) || '.'}`;
  if (Object.hasOwn(service.operations, name)) return `sandbox/services/${service.name} models ${name} already.`;
  if (earlierNames.includes(name)) return `${name} stands twice.`;
  const file = fileOf(service, name);
  return existsSync(file) ? `${file} exists already.` : undefined;
}

async function newOperation(service: Service, name: string): Promise<NewOperation> {
  const action = `${service.prefix}:${name}`;
  return {
    service,
    model: modelOf(service).operations.get(name)!,
    file: fileOf(service, name),
    action: (await actionExists(action)) ? await actionDetails(action) : undefined,
  };
}

const folderOf = ({ name }: Service): string => join(SERVICES_FOLDER, name);
const fileOf = (service: Service, operation: string): string => join(folderOf(service), `${kebabCase(operation)}.ts`);

/**
 * Writes the operations as a kind of record with verbs if they create and show one resource, or adds them to the kind of
 * their resource; those that no kind covers become files of their own. Returns the next steps.
 */
async function write(operations: readonly NewOperation[]): Promise<string> {
  const { service } = operations[0]!;
  const kind = newKind(operations, await sdkPackageOf(service), errorNames(service));
  if (kind && !existsSync(join(folderOf(service), kind.file)))
    return withOthers(operations, kind.covers, await writeKind(service, kind));
  const extended = await extendedKind(operations, await filesOf(service), (name) => modelledOperation(service, name));
  if (!extended) return writeOperations(service, operations);
  return withOthers(operations, extended.covers, await writeExtension(service, extended));
}

async function withOthers(
  operations: readonly NewOperation[],
  covered: readonly NewOperation[],
  steps: string,
): Promise<string> {
  const others = operations.filter((operation) => !covered.includes(operation));
  return others.length === 0 ? steps : `${steps}\n\n${await write(others)}`;
}

async function filesOf(service: Service): Promise<KindFile[]> {
  const names = (await readdir(folderOf(service))).filter((name) => name.endsWith('.ts')).sort();
  return Promise.all(
    names.map(async (name) => ({ name, text: await readFile(join(folderOf(service), name), 'utf8') })),
  );
}

const modelledOperation = async (service: Service, name: string): Promise<NewOperation | undefined> =>
  modelOf(service).operations.has(name) ? newOperation(service, name) : undefined;

async function writeExtension(service: Service, extended: ExtendedKind): Promise<string> {
  const path = `sandbox/services/${service.name}/${extended.name}`;
  await writeFile(join(folderOf(service), extended.name), extended.text);
  await formatFiles([path]);
  return `${path}\n\n${extensionSteps(extended)}`;
}

async function sdkPackageOf(service: Service): Promise<string> {
  const index = await readFile(join(folderOf(service), 'index.ts'), 'utf8');
  return /from '(@aws-sdk\/client-[^']+)'/.exec(index)![1]!;
}

const errorNames = ({ sdk }: Service): string[] => Object.keys(sdk).filter((name) => /(Exception|Fault)$/.test(name));

async function writeKind(service: Service, kind: NewKind): Promise<string> {
  const [index, state] = [join(folderOf(service), 'index.ts'), join(folderOf(service), 'state.ts')];
  const registered = registerKind(await readFile(index, 'utf8'), await readFile(state, 'utf8'), kind);
  await writeFile(join(folderOf(service), kind.file), kind.text);
  if (registered) {
    await writeFile(index, registered.index);
    await writeFile(state, registered.state);
  }
  const path = `sandbox/services/${service.name}`;
  await formatFiles([path]);
  const paths = [`${path}/${kind.file}`, ...(registered ? [`${path}/index.ts`, `${path}/state.ts`] : [])];
  return `${paths.join('\n')}\n\n${kindSteps(kind, service.name, registered !== undefined)}`;
}

async function writeOperations(service: Service, operations: readonly NewOperation[]): Promise<string> {
  const sdkPackage = await sdkPackageOf(service);
  const index = join(folderOf(service), 'index.ts');
  let registered: string | undefined = await readFile(index, 'utf8');
  for (const { model, file } of operations)
    registered &&= registerOperation(registered, model.name, lowerFirst(model.name), basename(file));
  for (const operation of operations) await writeFile(operation.file, operationText(operation, sdkPackage));
  if (registered) await writeFile(index, registered);
  await formatFiles([`sandbox/services/${service.name}`]);
  return nextSteps(service, operations, registered !== undefined);
}

function operationText(operation: NewOperation, sdkPackage: string): string {
  const { service, action, file } = operation;
  const { name } = operation.model;
  return `/** ${name} is not modelled yet. */
import type * as sdk from '${sdkPackage}';
import type { InputOf, OutputOf, ServiceOperation } from '../../kernel/service.ts';
import { notModelled } from '../requests.ts';

export const ${lowerFirst(name)}: ServiceOperation<InputOf<typeof sdk, '${name}'>, OutputOf<typeof sdk, '${name}'>, any> = {
${needsText(action, resourcesOf(operation))}  run: () => {
    throw notModelled('${service.name} ${name} yet: write sandbox/services/${service.name}/${basename(file)}');
  },
};
`;
}

const requestMembers = ({ input }: OperationModel): string[] => [...input.structIterator()].map(([member]) => member);

const resourcesOf = ({ service, model, action }: NewOperation): NeededResource[] =>
  action ? neededResources(action, service.prefix, requestMembers(model)) : [];

function nextSteps({ name }: Service, operations: readonly NewOperation[], isRegistered: boolean): string {
  const index = `sandbox/services/${name}/index.ts`;
  const entries = operations.map(({ model }) => `${model.name}: ${lowerFirst(model.name)}`).join(', ');
  const files = operations.map(({ file }) => `sandbox/services/${name}/${basename(file)}`);
  const isOne = operations.length === 1;
  return `${files.join('\n')}
${isRegistered ? index : `Not registered: put ${entries} among the operations of ${index}.`}

${isOne ? 'It is' : 'They are'} refused as NotModelled until you write ${isOne ? 'it' : 'them'}. What is left${isOne ? '' : ' of each'}:

1. Its effect: by a verb, if its resources are plain records (creates, changes, lists, gets, deletes of sandbox/records/verbs.ts),
   which then stands in the table of recordOperations instead of this file; otherwise by needs and run.
2. Its permission:${itemText(operations, (each) => permissionText(each.action, resourcesOf(each)))}
3. Its request:${itemText(operations, requestText)}
   Model those members that Suture sends, and refuse the others by name (onlyMembers of sandbox/services/requests.ts).
4. Its errors, with AWS's names and conditions: read AWS's page, and link it at the head of the file.
5. A test through the SDK's client, then:
   npm run generate && npm run check`;
}

/** Writes one operation behind the colon, several in a line each. */
const itemText = (operations: readonly NewOperation[], text: (operation: NewOperation) => string): string =>
  operations.length === 1
    ? ` ${text(operations[0]!)}`
    : operations.map((each) => `\n   ${each.model.name}: ${text(each).replaceAll('\n', '\n  ')}`).join('');

const requestText = ({ model }: NewOperation): string => `it has ${requestMembers(model).join(', ') || 'no members'}.`;

if (process.argv[1] === fileURLToPath(import.meta.url))
  await runGenerator(USAGE, async () => write(await parseArguments()));
