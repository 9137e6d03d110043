/** Loads every remediation with its SDK clients, and the CDK. */
import { benchmarkCoverage } from '../../cli/catalogue/benchmark-coverage.ts';
import { loadCatalogue } from '../../cli/catalogue/load.ts';
import { COMMANDS } from '../../cli/commands.generated.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { SIMULATE_ENTRY } from '../../lab/simulate/entry.ts';
import { SERVICES } from '../../sandbox/services/services.generated.ts';
import { readCdkJsonContext } from '../../stacks/context.ts';
import { cataloguePage } from '../pages/catalogue-page.ts';
import { cliPage } from '../pages/cli-page.ts';
import { controlsTable } from '../pages/controls-table.ts';
import { permissionsPage } from '../pages/permissions-page.ts';
import { sandboxPage } from '../pages/sandbox-page.ts';
import { securityPage } from '../pages/security-page.ts';
import { decisionIndex } from './decision-index.ts';
import { eventSchemas } from './event-schemas.ts';
import { type GeneratedFile, readText } from './files.ts';
import { fillMarkers } from './markers.ts';
import { policySchema } from './policy-schema.ts';
import { readmeHeads } from './readme-heads.ts';

const HANDLED = new Set(REMEDIATIONS.flatMap(({ handles }) => handles.controls));

export const pages = async (): Promise<GeneratedFile[]> => [
  ...(await readmeHeads(REMEDIATIONS)),
  ['README.md', fillMarkers('README.md', await readText('README.md'), controlsTable(REMEDIATIONS))],
  ['docs/reference/catalogue.md', cataloguePage(await loadCatalogue(), benchmarkCoverage(HANDLED))],
  ['docs/reference/cli.md', await cliPage([...COMMANDS, SIMULATE_ENTRY])],
  ['docs/reference/permissions.md', permissionsPage(REMEDIATIONS)],
  ['docs/reference/sandbox.md', sandboxPage(SERVICES)],
  ['docs/security.md', securityPage(await readText('docs/security.md'), await readCdkJsonContext(), REMEDIATIONS)],
  ['docs/reference/policy.schema.json', policySchema(REMEDIATIONS)],
  ...eventSchemas(),
  await decisionIndex(),
];
