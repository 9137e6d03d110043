/** Size and cold start of every function that is deployed. */
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { lambda } from '../../sandbox/services/lambda/index.ts';
import { nearly, type Row, type Section, timed } from './figures.ts';
import type { Organization } from './organization.ts';

const run = promisify(execFile);

/** KB of a remediation's bundle. */
const LARGEST = 900;

export async function bundleSection(organization: Organization, progress: (step: string) => void): Promise<Section> {
  const left = functionsIn(organization);
  const rows = new Map<string, Row>(left.map(({ name }) => [name, { what: name, figures: [] }]));
  progress(`${left.length} bundles are loaded`);
  const loadNext = async (): Promise<void> => {
    const next = left.shift();
    if (!next) return;
    rows.set(next.name, await rowOf(next));
    await loadNext();
  };
  await Promise.all([loadNext(), loadNext()]);
  return {
    title: 'Bundles',
    of: 'size / processor time to load',
    beside:
      'Lambda starts a Node.js runtime in some 100 ms besides, and gives 512 MB 0.29 of a processor after the start',
    rows: [...rows.values()],
  };
}

async function rowOf({ name, directory }: Deployed): Promise<Row> {
  const file = join(directory, 'index.mjs');
  const limit = name.startsWith('suture-remediation-') ? LARGEST : undefined;
  return {
    what: name,
    figures: [
      nearly(`bundle.${name}.kb`, (await stat(file)).size / 1024, ' KB', { limit }),
      timed(`bundle.${name}.load`, await loadTime(file), ' ms'),
    ],
  };
}

type Deployed = { readonly name: string; readonly directory: string };

/** Of both of Suture's accounts, in every Region, each once. */
function functionsIn({ sandbox, context }: Organization): Deployed[] {
  const { partition, securityAccount, serviceAccount, regions } = context;
  const states = [securityAccount, serviceAccount].flatMap((account) =>
    regions.map((region) => sandbox.kernel.state(lambda, { partition, account, region })),
  );
  const functions = states.flatMap(({ functions }) => [...functions.values()]);
  return functions.map(({ name, latest }) => ({ name, directory: latest.directory }));
}

/** Milliseconds of processor time, of a process that does nothing else. */
export async function loadTime(file: string): Promise<number> {
  const script = `const before = process.cpuUsage();
    await import(${JSON.stringify(pathToFileURL(file).href)});
    const { user, system } = process.cpuUsage(before);
    console.log(JSON.stringify({ loaded: (user + system) / 1000 }));
    process.exit();`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
    env: { AWS_REGION: 'us-east-1', AWS_LAMBDA_FUNCTION_NAME: 'bench', POWERTOOLS_METRICS_NAMESPACE: 'Suture' },
  });
  return JSON.parse(stdout.trim().split('\n').at(-1)!).loaded;
}
