/**
 * `npm run new:service -- efs` writes a sandbox service that models no operation yet, and registers it. It refuses each
 * operation by name until `npm run new:operation` and you add it.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../cli/errors/usage-error.ts';
import { parseOptions } from '../cli/options/parse-options.ts';
import { SERVICE_LOADERS } from '../sandbox/services/loaders.generated.ts';
import { writeFiles } from './generators/files.ts';
import { sandboxServices } from './generators/sandbox-services.ts';
import { runGenerator } from './run-generator.ts';
import { checkPrefix, formatFiles, ROOT, type SdkClient, SERVICES_FOLDER, sdkClient } from './sdk-client.ts';

const USAGE = `npm run new:service -- <service> [--client <name>] [--prefix <prefix>]
  (elbv2 --client elastic-load-balancing-v2 --prefix elasticloadbalancing)

  --client   as in @aws-sdk/client-<name>; default: the service's name
  --prefix   the prefix of its actions in IAM; default: the client's signing name`;

type NewService = { readonly name: string; readonly prefix: string; readonly client: SdkClient };

async function parseArguments(): Promise<NewService> {
  const { name, ...options } = parsedOptions();
  const client = await sdkClient(`@aws-sdk/client-${options.client ?? name}`);
  if (SERVICE_LOADERS[client.className])
    throw new UsageError(`A service of the sandbox answers ${client.className} already: see sandbox/services.`);
  return { name, client, prefix: await checkPrefix(options.prefix ?? client.model.signingName) };
}

function parsedOptions() {
  try {
    const { values, positionals } = parseOptions({
      allowPositionals: true,
      options: { client: { type: 'string' }, prefix: { type: 'string' } },
    });
    const [name, ...more] = positionals;
    if (!name || more.length > 0) throw new Error('Name one service.');
    if (!/^[a-z][a-z0-9]*$/.test(name))
      throw new Error(`"${name}" is not the name of a service: lower-case letters and digits, such as efs.`);
    if (existsSync(join(SERVICES_FOLDER, name))) throw new Error(`sandbox/services/${name} exists already.`);
    return { name, ...values };
  } catch (error) {
    throw new UsageError(`${(error as Error).message} Nothing was written.\n${USAGE}`);
  }
}

/** Returns the paths of the files that it wrote. */
async function write(newService: NewService): Promise<string[]> {
  const { name, client } = newService;
  const test = `test/sandbox/services/${name}.test.ts`;
  await mkdir(join(SERVICES_FOLDER, name), { recursive: true });
  await writeFile(join(SERVICES_FOLDER, name, 'state.ts'), stateText(newService));
  await writeFile(join(SERVICES_FOLDER, name, 'index.ts'), indexText(newService));
  await writeFile(join(ROOT, test), testText(newService));
  const lists = await writeFiles(await sandboxServices());
  await formatFiles([`sandbox/services/${name}`, test]);
  const manifest = await addDependency(client);
  return [`sandbox/services/${name}/state.ts`, `sandbox/services/${name}/index.ts`, test, ...lists, ...manifest];
}

const stateText = ({ name }: NewService) => `import { recordStateKey } from '../../records/record.ts';

/** The names of the kinds of records come into the list, as \`['fileSystems']\` of EFS. */
export const ${name.toUpperCase()} = recordStateKey('${name}', 'region', []);
`;

const indexText = ({ name, prefix, client }: NewService) => `/** No operation is modelled yet. */
import * as sdk from '${client.packageName}';
import { defineService } from '../../kernel/kernel.ts';
import { recordComparison } from '../../records/comparison.ts';
import type { RecordKind, RecordState } from '../../records/record.ts';
import { ${name.toUpperCase()} } from './state.ts';

const KINDS: readonly RecordKind[] = [];

export const ${name} = defineService<typeof sdk, RecordState>({
  ...${name.toUpperCase()},
  ...recordComparison(KINDS),
  sdk,
  client: sdk.${client.className},
  prefix: '${prefix}',
  operations: {},
});
`;

const testText = ({ name, client }: NewService) => `import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Sandbox } from '../../../sandbox/create-sandbox.ts';
import { ${name} } from '../../../sandbox/services/${name}/index.ts';
import { CLIENT_ACCOUNT, CLIENT_PLACE, sandboxFor } from '../support/sdk-client.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await sandboxFor(${name});
});
afterEach(() => sandbox.close());

it('refuses an operation that is not modelled, and names the folder of the service', async () => {
  const { kernel } = sandbox;
  const call = kernel.call(kernel.administrator!(CLIENT_ACCOUNT), CLIENT_PLACE, '${name}', '${firstOperation(client)}', {});
  await expect(call).rejects.toMatchObject({ code: 'NotModelled', message: expect.stringContaining('sandbox/services/${name}') });
});
`;

const firstOperation = ({ model }: SdkClient) => [...model.operations.keys()].sort()[0]!;

/** Returns three or more operations of the first resource that has them, as an example of a record. */
function recordExample({ model }: SdkClient): string {
  const names = [...model.operations.keys()];
  const nouns = names.filter((name) => name.startsWith('Create')).map((name) => name.slice('Create'.length));
  const operationsOn = (noun: string) =>
    ['Create', 'Get', 'Describe', 'Update', 'Modify'].map((verb) => verb + noun).filter((name) => names.includes(name));
  const operations = nouns.toSorted().map(operationsOn);
  return (operations.find(({ length }) => length > 2) ?? ['Create…', 'Describe…', 'Update…']).join(' ');
}

/** Adds an installed client to the sorted dependencies of package.json. Returns the file if it changed. */
async function addDependency({ packageName, version }: SdkClient): Promise<string[]> {
  const file = join(ROOT, 'package.json');
  const manifest = JSON.parse(await readFile(file, 'utf8'));
  if (manifest.dependencies[packageName]) return [];
  const dependencies = Object.entries({ ...manifest.dependencies, [packageName]: version });
  manifest.dependencies = Object.fromEntries(dependencies.sort(([a], [b]) => (a < b ? -1 : 1)));
  await writeFile(file, `${JSON.stringify(manifest, null, 2)}\n`);
  return ['package.json (run npm install to update package-lock.json)'];
}

const nextSteps = ({ name, client }: NewService, written: readonly string[]): string =>
  `${written.join('\n')}

The sandbox has the service ${name}, and refuses its ${client.model.operations.size} operations by name. What is left:

1. If its resources are plain records, name the operations of one together; they become a kind of record that works:
   npm run new:operation -- ${name} ${recordExample(client)}
   Say throttling and denial in index.ts if the service has codes of its own.
2. Behaviour beyond plain records stays code, as in sandbox/services/kms. Each such operation by itself:
   npm run new:operation -- ${name} ${firstOperation(client)}
3. A kind that no remediation's faulty resource brings along needs a builder in lab/laws/town/builders.ts: the proof says so.
4. Test it through the SDK's client in test/sandbox/services/${name}.test.ts, then:
   npm run generate && npm run check`;

if (process.argv[1] === fileURLToPath(import.meta.url))
  await runGenerator(USAGE, async () => {
    const newService = await parseArguments();
    return nextSteps(newService, await write(newService));
  });
