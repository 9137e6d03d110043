/**
 * `npm run new:resource-type -- redshift snapshot` writes a type of resource for settings, and its fixture. Both compile
 * and refuse to run until you have written them.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../cli/errors/usage-error.ts';
import { parseOptions } from '../cli/options/parse-options.ts';
import { SERVICES } from '../sandbox/services/services.generated.ts';
import { camelCase, constantCase, pascalCase } from './identifiers.ts';
import {
  type CloudFormationFacts,
  cloudFormationFacts,
  type ResourceTypeFacts,
  resourceTypeFacts,
} from './resource-type-facts.ts';
import { runGenerator } from './run-generator.ts';
import { checkPrefix, formatFiles, ROOT, type SdkClient, sdkClient } from './sdk-client.ts';
import { withImport } from './source-text.ts';
import { NOT_CHECKED } from './structure/infrastructure-names.ts';
import { NOT_WRITTEN } from './structure/skeletons.ts';

const USAGE = `npm run new:resource-type -- <service> <type> [--name <file>] [--client <name>] [--prefix <prefix>]
  (redshift snapshot)

  <service>  the folder in functions/remediations
  <type>     IAM's name of the resource type, as in the service authorization reference
  --name     the name of its file; default: the type
  --client   as in @aws-sdk/client-<name>; default: the service's name
  --prefix   the prefix of its actions in IAM; default: that of the sandbox's service, else the client's signing name`;

type NewResourceType = {
  readonly service: string;
  readonly file: string;
  readonly client: SdkClient;
  readonly prefix: string;
  readonly facts: ResourceTypeFacts;
  readonly cloudFormation: CloudFormationFacts;
};

async function parseArguments(): Promise<NewResourceType> {
  const { service, type, file, ...options } = parsedOptions();
  const client = await sdkClient(`@aws-sdk/client-${options.client ?? service}`);
  const prefix = await checkPrefix(options.prefix ?? sandboxService(client)?.prefix ?? client.model.signingName);
  const facts = await resourceTypeFacts(prefix, type, file);
  const cloudFormation = cloudFormationFacts([prefix, service, client.className.replace(/Client$/, '')], file, type);
  return { service, file, client, prefix, facts, cloudFormation };
}

function parsedOptions() {
  const { values, positionals } = parseOptions({
    allowPositionals: true,
    options: { name: { type: 'string' }, client: { type: 'string' }, prefix: { type: 'string' } },
  });
  const { name, client, prefix } = values;
  const [service, type, ...more] = positionals;
  if (!service || !type || more.length > 0) throw refusal('Name one service and one resource type.');
  const file = name ?? type;
  const problem = problemWith(service, file);
  if (problem) throw refusal(problem);
  return { service, type, file, client, prefix };
}

const refusal = (problem: string): UsageError => new UsageError(`${problem} Nothing was written.\n${USAGE}`);

function problemWith(service: string, file: string): string | undefined {
  if (!/^[a-z][a-z0-9]*$/.test(service))
    return `"${service}" is not the name of a service: lower-case letters and digits, such as redshift.`;
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(file))
    return `"${file}" is not the name of a file: lower-case words with hyphens, such as cluster. Give another: --name <file>.`;
  const path = `${folderOf(service)}/${file}.ts`;
  return existsSync(join(ROOT, path)) ? `${path} exists already.` : undefined;
}

const sandboxService = ({ className }: SdkClient) => SERVICES.find(({ client }) => client?.name === className);

const folderOf = (service: string): string => `functions/remediations/${service}`;
const exportOf = ({ service, file }: NewResourceType): string => `${service}${pascalCase(file)}`;
const fixtureOf = (newType: NewResourceType): string => `${exportOf(newType)}Fixture`;

async function write(newType: NewResourceType): Promise<string> {
  const { service, file } = newType;
  const folder = folderOf(service);
  const fixtures = join(ROOT, folder, 'fixtures.ts');
  const existingFixtures = existsSync(fixtures) ? await readFile(fixtures, 'utf8') : undefined;
  await mkdir(join(ROOT, folder), { recursive: true });
  await writeFile(join(ROOT, folder, `${file}.ts`), typeText(newType));
  await writeFile(fixtures, fixturesText(newType, existingFixtures));
  await formatFiles([`${folder}/${file}.ts`, `${folder}/fixtures.ts`]);
  return nextSteps(newType);
}

/** Returns the body of a step of the skeleton, which refuses to run. */
const throwsNotWritten = (step: string, path: string): string =>
  `throw new Error('${NOT_WRITTEN}${step}, in ${path}');`;

function typeText(newType: NewResourceType): string {
  const { service, file, client, prefix, facts, cloudFormation } = newType;
  const constant = constantCase(file);
  const path = `${folderOf(service)}/${file}.ts`;
  const cloudFormationName = cloudFormation.type ?? `${NOT_CHECKED}${cloudFormation.others.join(', ') || 'null?'}`;
  return `/** Not written yet. Link AWS's page of the resource, and of each fact that it does not have. */
import { ${client.className} } from '${client.packageName}';
import * as z from 'zod';
import { arn } from '../../contract/remediation.ts';
import { resourceType } from '../kit/resource-type.ts';

const ${constant} = '${facts.arn}';

export const ${exportOf(newType)} = resourceType({
  target: arn('${facts.findingType}', ${constant}),
  clients: { ${camelCase(service)}: ${client.className} },
  cloudFormation: '${cloudFormationName}',
  terraform: '${NOT_CHECKED}aws_${prefix}_${file.replaceAll('-', '_')}',
  reads: [{ actions: [${likeliestAction(facts.reads)}], resources: [${constant}], because: 'its attributes' }],
  writes: { actions: [${likeliestAction(facts.writes)}], resources: [${constant}], because: 'changes it; rollback changes it back' },
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
    ${throwsNotWritten('find', path)}
  },
  change(): Promise<unknown> {
    ${throwsNotWritten('change', path)}
  },
});
`;
}

const likeliestAction = ([first]: readonly string[]): string => (first === undefined ? '' : `'${first}'`);

function fixturesText(newType: NewResourceType, existing: string | undefined): string {
  const { service, file } = newType;
  const fixture = `
export const ${fixtureOf(newType)} = resourceFixture(${exportOf(newType)}, {
  create() {
    ${throwsNotWritten(`create of ${fixtureOf(newType)}`, `${folderOf(service)}/fixtures.ts`)}
  },
});
`;
  const typeImport = `import { ${exportOf(newType)} } from './${file}.ts';`;
  const kitImport = `import { resourceFixture } from '../kit/resource-fixture.ts';`;
  if (existing === undefined)
    return `/** Resources for scenarios, created as an administrator of the account. */\n${kitImport}\n${typeImport}\n${fixture}`;
  const hasKitImport = /import \{[^}]*\bresourceFixture\b[^}]*\} from/.test(existing);
  return `${withImport(existing, hasKitImport ? typeImport : `${kitImport}\n${typeImport}`)}${fixture}`;
}

function nextSteps(newType: NewResourceType): string {
  const { service, file, client, facts } = newType;
  const folder = folderOf(service);
  const fields = [...facts.arn.matchAll(/\{(\w+)\}/g)].filter(
    ([, name]) => !/^(partition|region|account)$/.test(name!),
  );
  return `${folder}/${file}.ts
${folder}/fixtures.ts

Both compile, and refuse to run. What is left:

1. In ${file}.ts, after AWS's pages: the target${facts.isKnownFindingType ? '' : ` (Security Hub has no details of ${facts.findingType}: see how its findings name it)`},
   and the form of its ids; the attribute that the control is about, with AWS's default, instead of enabled; find and
   change; then tags, busy, obstacle and pending. Names that begin with "${NOT_CHECKED.trim()}" are guesses, which npm run check
   refuses: write the real one, or null if there is none.
   CloudFormation: ${cloudFormationText(newType.cloudFormation)}
   Terraform: https://registry.terraform.io/providers/hashicorp/aws/latest/docs
   Reads of it: ${actionsText(facts.reads)}
   Writes of it: ${actionsText(facts.writes)}
2. In fixtures.ts: create and tag; busy, stuck and pending, if AWS has such states${fields.length > 1 ? '; absent, because the target has several fields' : ''}.
3. Its first setting:
   npm run new:remediation -- ${service}/<verb-thing> --control <control> --setting --of ${file}
   npm run prove -- ${service}/<verb-thing>
4. npm run generate && npm run check${sandboxService(client) ? '' : `\n\nThe sandbox lacks the service: npm run new:service -- ${service}`}`;
}

const MAX_LISTED = 8;
const actionsText = (actions: readonly string[]): string =>
  actions.length === 0
    ? 'none that IAM knows'
    : `${actions.slice(0, MAX_LISTED).join(', ')}${actions.length > MAX_LISTED ? ` and ${actions.length - MAX_LISTED} more` : ''}`;

function cloudFormationText({ type, others, properties }: CloudFormationFacts): string {
  if (type) return `${type} has ${properties.join(', ')}`;
  return others.length > 0 ? `one of ${others.join(', ')}, or null` : 'it has no type of the service: null';
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await runGenerator(USAGE, async () => write(await parseArguments()));
