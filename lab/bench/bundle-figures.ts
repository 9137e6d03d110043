import { join } from 'node:path';
import { LAMBDA } from '../../sandbox/services/lambda/state.ts';
import { LAB_NAMES } from '../organization/lab-names.ts';
import { bytesIn, factsRow, loadMs, triageRow } from './cold-start.ts';
import { type Row, type Section, stableFigure, timeFigure } from './figures.ts';
import type { BenchOrganization } from './organization.ts';

const MAX_REMEDIATION_KB = 900;
const REMEDIATION_PREFIX = LAB_NAMES.remediationFunction('');
const CONCURRENCY = 2;

export async function bundleSection(
  organization: BenchOrganization,
  progress: (step: string) => void,
): Promise<Section> {
  const functions = functionsIn(organization);
  const waiting = [...functions];
  const rows = new Map<string, Row>(waiting.map(({ name }) => [name, { label: name, figures: [] }]));
  progress(`loading ${waiting.length} bundles`);
  const loadNext = async (): Promise<void> => {
    const next = waiting.shift();
    if (!next) return;
    rows.set(next.name, await rowOf(next));
    await loadNext();
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, loadNext));
  const triage = functions.find(({ name }) => name === LAB_NAMES.function('triage'))!;
  const coldStart = [await triageRow(bundleOf(triage)), await factsRow()];
  return {
    title: 'Bundles',
    columns: 'size / processor time to load',
    note: 'Lambda also starts a Node.js runtime in about 100 ms, and gives 512 MB 0.29 of a processor after the start',
    rows: [...coldStart, ...rows.values()],
  };
}

async function rowOf(deployed: DeployedFunction): Promise<Row> {
  const { name } = deployed;
  const limit = name.startsWith(REMEDIATION_PREFIX) ? MAX_REMEDIATION_KB : undefined;
  return {
    label: name,
    figures: [
      stableFigure(`bundle.${name}.kb`, (await bytesIn(deployed.directory)) / 1024, ' KB', { limit }),
      timeFigure(`bundle.${name}.load`, await loadMs(bundleOf(deployed)), ' ms'),
    ],
  };
}

type DeployedFunction = { readonly name: string; readonly directory: string };

const bundleOf = ({ directory }: DeployedFunction): string => join(directory, 'index.mjs');

function functionsIn({ sandbox, context }: BenchOrganization): DeployedFunction[] {
  const { partition, securityAccount, serviceAccount, regions } = context;
  const states = [securityAccount, serviceAccount].flatMap((account) =>
    regions.map((region) => sandbox.kernel.state(LAMBDA, { partition, account, region })),
  );
  const functions = states.flatMap((state) => [...state.functions.values()]);
  return functions.map(({ name, latest }) => ({ name, directory: latest.directory }));
}
