/**
 * `npm run new:operation -- rds DescribeDBInstances` writes an operation of a sandbox service with the permission that
 * IAM's data has for it, and registers it. It refuses to run until you have written what it does.
 */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { UsageError } from '../cli/errors/usage-error.ts';
import { suggestion } from '../functions/domain/nearest.ts';
import { type ActionDetails, actionDetails, actionExists } from '../sandbox/authorization/actions.ts';
import type { Service } from '../sandbox/kernel/kernel.ts';
import { SERVICES as ALL_SERVICES } from '../sandbox/services/services.generated.ts';
import { modelOf, type OperationModel } from '../sandbox/wire/model.ts';
import { runGenerator } from './run-generator.ts';
import { fileName, formatFiles, SERVICES_FOLDER, variable } from './sandbox-skeletons.ts';

const USAGE = 'npm run new:operation -- <service> <Operation>\n  (rds DescribeDBInstances)';

type NewOperation = {
  readonly service: Service;
  readonly operation: OperationModel;
  readonly action: ActionDetails | undefined;
  readonly file: string;
};

async function parseArguments(): Promise<NewOperation> {
  const { positionals } = parseArgs({ allowPositionals: true });
  const [name, given, ...more] = positionals;
  if (!name || !given || more.length > 0)
    throw new UsageError(`Name one service and one operation. Nothing was written.\n${USAGE}`);
  const service = serviceNamed(name);
  const { operations } = modelOf(service);
  const operation = operations.get(given);
  if (!operation)
    throw new UsageError(`${name} has no operation ${given}${suggestion(given, [...operations.keys()]) || '.'}`);
  if (Object.hasOwn(service.operations, given))
    throw new UsageError(`sandbox/services/${name} models ${given} already. Nothing was written.`);
  const file = join(SERVICES_FOLDER, name, `${fileName(given)}.ts`);
  if (existsSync(file)) throw new UsageError(`${file} exists already. Nothing was written.`);
  const action = `${service.prefix}:${given}`;
  return { service, operation, file, action: (await actionExists(action)) ? await actionDetails(action) : undefined };
}

function serviceNamed(name: string): Service {
  const found = ALL_SERVICES.find((each) => each.name === name && Object.keys(each.sdk).length > 0);
  if (found) return found;
  const names = ALL_SERVICES.map((each) => each.name);
  throw new UsageError(
    `The sandbox has no service ${name}${suggestion(name, names) || '.'} Add it first: npm run new:service -- ${name}`,
  );
}

async function write(wanted: NewOperation): Promise<string> {
  const index = join(SERVICES_FOLDER, wanted.service.name, 'index.ts');
  const before = await readFile(index, 'utf8');
  const registered = withOperation(before, wanted);
  await writeFile(wanted.file, operationText(wanted, packageIn(before)));
  if (registered) await writeFile(index, registered);
  await formatFiles([`sandbox/services/${wanted.service.name}`]);
  return nextSteps(wanted, registered !== undefined);
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
${needsText(action, service.prefix, membersOf(operation))}  run: () => {
    throw notModelled('${service.name} ${name} yet: write sandbox/services/${service.name}/${basename(file)}');
  },
};
`;
}

type ResourceType = ActionDetails['resourceTypes'][number];

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

const membersOf = ({ input }: OperationModel): string[] => [...input.structIterator()].map(([member]) => member);

/** The default is the action of the operation's name on \`*\`. */
function needsText(action: ActionDetails | undefined, prefix: string, members: readonly string[]): string {
  const required = action && likelyType(action.resourceTypes, prefix, members);
  if (!action || !required) return '';
  const arn = required.arn.replaceAll(
    /\$\{(Partition|Region|Account)\}/g,
    (_, name: string) => `\${at.${name.toLowerCase()}}`,
  );
  const own = arn.replaceAll(/\$\{(?!at\.)\w+\}/g, '*');
  return `  needs: (_input, at) => [{ action: '${action.name}', resource: \`${own}\` }],\n`;
}

function nextSteps({ service, operation, action, file }: NewOperation, isRegistered: boolean): string {
  const { name } = service;
  const members = membersOf(operation);
  const own = `sandbox/services/${name}/${basename(file)}`;
  return `${own}
${isRegistered ? `sandbox/services/${name}/index.ts` : `Not registered: put ${operation.name}: ${variable(operation.name)} among the operations of sandbox/services/${name}/index.ts.`}

It is refused as NotModelled until you write it. What is left:

1. Its effect: by a verb, if its resources are plain records (creates, changes, lists, gets, deletes of sandbox/records/verbs.ts),
   which then stands in the table of recordOperations instead of this file; otherwise by needs and run.
2. Its permission: ${permissionText(action)}
3. Its request has ${members.length > 0 ? members.join(', ') : 'no members'}.
   Model those that Suture sends, and refuse the others by name (onlyMembers of sandbox/services/requests.ts).
4. Its errors, with AWS's names and conditions: read AWS's page, and link it at the head of the file.
5. A test through the SDK's client, then:
   npm run generate && npm run check`;
}

function permissionText(action: ActionDetails | undefined): string {
  if (!action) return "IAM's data has no action of its name. Find the action that AWS asks for, and say it in needs.";
  if (action.resourceTypes.length === 0) return `${action.name} on *; IAM knows no resource of it.`;
  const types = action.resourceTypes.map(({ arn, required }) => `${arn}${required ? ' (required)' : ''}`);
  const [type] = types;
  if (types.length === 1) return `${action.name} on the resource that the request names, of ${type}.`;
  return `${action.name} on each resource that the request names. needs has the likeliest of these types; see AWS's page:
   ${types.join('\n   ')}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await runGenerator(USAGE, async () => write(await parseArguments()));
