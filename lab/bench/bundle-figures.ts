import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { LAMBDA } from '../../sandbox/services/lambda/state.ts';
import { type Row, type Section, stableFigure, timeFigure } from './figures.ts';
import type { BenchOrganization } from './organization.ts';

const run = promisify(execFile);

const MAX_REMEDIATION_KB = 900;
const CONCURRENCY = 2;

export async function bundleSection(
  organization: BenchOrganization,
  progress: (step: string) => void,
): Promise<Section> {
  const waiting = functionsIn(organization);
  const rows = new Map<string, Row>(waiting.map(({ name }) => [name, { label: name, figures: [] }]));
  progress(`loading ${waiting.length} bundles`);
  const loadNext = async (): Promise<void> => {
    const next = waiting.shift();
    if (!next) return;
    rows.set(next.name, await rowOf(next));
    await loadNext();
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, loadNext));
  return {
    title: 'Bundles',
    columns: 'size / processor time to load',
    note: 'Lambda also starts a Node.js runtime in about 100 ms, and gives 512 MB 0.29 of a processor after the start',
    rows: [...rows.values()],
  };
}

async function rowOf({ name, directory }: DeployedFunction): Promise<Row> {
  const file = join(directory, 'index.mjs');
  const limit = name.startsWith('suture-remediation-') ? MAX_REMEDIATION_KB : undefined;
  return {
    label: name,
    figures: [
      stableFigure(`bundle.${name}.kb`, (await stat(file)).size / 1024, ' KB', { limit }),
      timeFigure(`bundle.${name}.load`, await loadMs(file), ' ms'),
    ],
  };
}

type DeployedFunction = { readonly name: string; readonly directory: string };

function functionsIn({ sandbox, context }: BenchOrganization): DeployedFunction[] {
  const { partition, securityAccount, serviceAccount, regions } = context;
  const states = [securityAccount, serviceAccount].flatMap((account) =>
    regions.map((region) => sandbox.kernel.state(LAMBDA, { partition, account, region })),
  );
  const functions = states.flatMap((state) => [...state.functions.values()]);
  return functions.map(({ name, latest }) => ({ name, directory: latest.directory }));
}

async function loadMs(file: string): Promise<number> {
  const script = `const before = process.cpuUsage();
    await import(${JSON.stringify(pathToFileURL(file).href)});
    const { user, system } = process.cpuUsage(before);
    console.log(JSON.stringify({ loadMs: (user + system) / 1000 }));
    process.exit();`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
    env: { AWS_REGION: 'us-east-1', AWS_LAMBDA_FUNCTION_NAME: 'bench', POWERTOOLS_METRICS_NAMESPACE: 'Suture' },
  });
  return JSON.parse(stdout.trim().split('\n').at(-1)!).loadMs;
}
