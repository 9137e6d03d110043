/**
 * `npm run new:resource-type -- redshift snapshot` writes a type of resource for settings, and its fixture. Both compile
 * and refuse to run until you have written them.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { UsageError } from '../cli/errors/usage-error.ts';
import { SERVICES } from '../sandbox/services/services.generated.ts';
import {
  type CloudFormationFacts,
  camelCase,
  cloudFormationFacts,
  pascalCase,
  type ResourceTypeFacts,
  resourceTypeFacts,
} from './resource-type-facts.ts';
import { runGenerator } from './run-generator.ts';
import { checkPrefix, formatFiles, ROOT, type SdkClient, sdkClient } from './sandbox-skeletons.ts';
import { NOT_CHECKED } from './structure/owner-words.ts';
import { NOT_WRITTEN } from './structure/resource-types.ts';

const USAGE = `npm run new:resource-type -- <service> <type> [--name <file>] [--client <name>] [--prefix <prefix>]
  (redshift snapshot)

  <service>  the folder in functions/remediations
  <type>     IAM's name of the resource type, as in the service authorization reference
  --name     of its file; default: the type
  --client   as in @aws-sdk/client-<name>; default: the service's name
  --prefix   of its actions in IAM; default: the one of the sandbox's service, or by which the client signs`;

type NewResourceType = {
  readonly service: string;
  readonly file: string;
  readonly client: SdkClient;
  readonly prefix: string;
  readonly facts: ResourceTypeFacts;
  readonly cloudFormation: CloudFormationFacts;
};

async function parseArguments(): Promise<NewResourceType> {
  const { service, type, name, ...given } = parsedOptions();
  const client = await sdkClient(`@aws-sdk/client-${given.client ?? service}`);
  const modelled = SERVICES.find((each) => each.client?.name === client.className);
  const prefix = await checkPrefix(given.prefix ?? modelled?.prefix ?? client.model.signingName);
  const file = name ?? type;
  const facts = await resourceTypeFacts(prefix, type, file);
  const cloudFormation = cloudFormationFacts([prefix, service, client.className.replace(/Client$/, '')], file, type);
  return { service, file, client, prefix, facts, cloudFormation };
}

function parsedOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { name: { type: 'string' }, client: { type: 'string' }, prefix: { type: 'string' } },
  });
  const [service, type, ...more] = positionals;
  const { name = type ?? '' } = values;
  const problem =
    !service || !type || more.length > 0
      ? 'Name one service and one resource type.'
      : !/^[a-z][a-z0-9]*$/.test(service)
        ? `"${service}" is not the name of a service: lower-case letters and digits, such as redshift.`
        : !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)
          ? `"${name}" is not the name of a file: lower-case words with hyphens, such as cluster. Give another: --name <file>.`
          : existsSync(join(ROOT, folderOf(service), `${name}.ts`))
            ? `${folderOf(service)}/${name}.ts exists already.`
            : undefined;
  if (problem) throw new UsageError(`${problem} Nothing was written.\n${USAGE}`);
  return { service: service!, type: type!, ...values };
}

const folderOf = (service: string): string => `functions/remediations/${service}`;
const exportOf = ({ service, file }: NewResourceType): string => `${service}${pascalCase(file)}`;
const fixtureOf = (wanted: NewResourceType): string => `${exportOf(wanted)}Fixture`;

async function write(wanted: NewResourceType): Promise<string> {
  const { service, file } = wanted;
  const folder = folderOf(service);
  const fixtures = join(ROOT, folder, 'fixtures.ts');
  const before = existsSync(fixtures) ? await readFile(fixtures, 'utf8') : undefined;
  await mkdir(join(ROOT, folder), { recursive: true });
  await writeFile(join(ROOT, folder, `${file}.ts`), typeText(wanted));
  await writeFile(fixtures, fixturesText(wanted, before));
  await formatFiles([`${folder}/${file}.ts`, `${folder}/fixtures.ts`]);
  return nextSteps(wanted);
}

/** Returns the statement of a step that nobody has written. */
const refusal = (step: string, path: string): string => `throw new Error(${NOT_WRITTEN}${step}, in ${path}');`;

function typeText(wanted: NewResourceType): string {
  const { service, file, client, prefix, facts, cloudFormation } = wanted;
  const constant = file.toUpperCase().replaceAll('-', '_');
  const path = `${folderOf(service)}/${file}.ts`;
  const actions = (names: readonly string[]) =>
    names
      .slice(0, 1)
      .map((name) => `'${name}'`)
      .join(', ');
  return `/** Not written yet. Link AWS's page of the resource, and of each fact that it does not have. */
import { ${client.className} } from '${client.packageName}';
import * as z from 'zod';
import { arn } from '../../contract/remediation.ts';
import { resourceType } from '../kit/resource-type.ts';

const ${constant} = '${facts.arn}';

export const ${exportOf(wanted)} = resourceType({
  target: arn('${facts.finding}', ${constant}),
  clients: { ${camelCase(service)}: ${client.className} },
  cloudFormation: '${cloudFormation.type ?? `${NOT_CHECKED}${cloudFormation.others.join(', ') || 'null?'}`}',
  terraform: '${NOT_CHECKED}aws_${prefix}_${file.replaceAll('-', '_')}',
  reads: [{ actions: [${actions(facts.reads)}], resources: [${constant}], because: 'its attributes' }],
  writes: { actions: [${actions(facts.writes)}], resources: [${constant}], because: 'changes it; rollback changes it back' },
  attributes: {
    enabled: {
      type: z.boolean(),
      default: false,
      cloudFormation: '${NOT_CHECKED}Enabled',
      terraform: '${NOT_CHECKED}enabled',
    },
  },
}).by({
  find(): Promise<{ readonly enabled?: boolean } | undefined> {
    ${refusal('find', path)}
  },
  change(): Promise<unknown> {
    ${refusal('change', path)}
  },
});
`;
}

function fixturesText(wanted: NewResourceType, before: string | undefined): string {
  const { service, file } = wanted;
  const fixture = `
export const ${fixtureOf(wanted)} = resourceFixture(${exportOf(wanted)}, {
  create() {
    ${refusal(`create of ${fixtureOf(wanted)}`, `${folderOf(service)}/fixtures.ts`)}
  },
});
`;
  const own = `import { ${exportOf(wanted)} } from './${file}.ts';\n`;
  const kit = `import { resourceFixture } from '../kit/resource-fixture.ts';\n`;
  if (before === undefined)
    return `/** Resources for scenarios, created as an administrator of the account. */\n${kit}${own}${fixture}`;
  const imports = /import \{[^}]*\bresourceFixture\b[^}]*\} from/.test(before) ? own : kit + own;
  const end = before.indexOf(';\n', before.lastIndexOf('\nimport ')) + 2;
  return `${before.slice(0, end)}${imports}${before.slice(end)}${fixture}`;
}

function nextSteps(wanted: NewResourceType): string {
  const { service, file, facts } = wanted;
  const folder = folderOf(service);
  const isLacking = !SERVICES.some((each) => each.client?.name === wanted.client.className);
  const fields = [...facts.arn.matchAll(/\{(\w+)\}/g)].filter(
    ([, name]) => !/^(partition|region|account)$/.test(name!),
  );
  return `${folder}/${file}.ts
${folder}/fixtures.ts

Both compile, and refuse to run. What is left:

1. In ${file}.ts, after AWS's pages: the target${facts.isKnownFinding ? '' : ` (Security Hub has no details of ${facts.finding}: see how its findings name it)`},
   and the form of its ids; the attribute that the control is about, with AWS's default, instead of enabled; find and
   change; then tags, busy, obstacle and pending. Names that begin with "${NOT_CHECKED.trim()}" are guesses, which npm run check
   refuses: write the real one, or null if there is none.
   CloudFormation: ${cloudFormationText(wanted.cloudFormation)}
   Terraform: https://registry.terraform.io/providers/hashicorp/aws/latest/docs
   Reads of it: ${listText(facts.reads)}
   Writes of it: ${listText(facts.writes)}
2. In fixtures.ts: create and tag; busy, stuck and pending, if AWS has such states${fields.length > 1 ? '; absent, because the target has several fields' : ''}.
3. Its first setting:
   npm run new:remediation -- ${service}/<verb-thing> --control <control> --setting --of ${file}
   npm run prove -- ${service}/<verb-thing>
4. npm run generate && npm run check${isLacking ? `\n\nThe sandbox lacks the service: npm run new:service -- ${service}` : ''}`;
}

const MAX_LISTED = 8;
const listText = (actions: readonly string[]): string =>
  actions.length === 0
    ? 'none that IAM knows'
    : `${actions.slice(0, MAX_LISTED).join(', ')}${actions.length > MAX_LISTED ? ` and ${actions.length - MAX_LISTED} more` : ''}`;

const cloudFormationText = ({ type, others, properties }: CloudFormationFacts): string =>
  type
    ? `${type} has ${properties.join(', ')}`
    : others.length > 0
      ? `one of ${others.join(', ')}, or null`
      : 'it has no type of the service: null';

if (process.argv[1] === fileURLToPath(import.meta.url))
  await runGenerator(USAGE, async () => write(await parseArguments()));
