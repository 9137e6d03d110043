/** `npm run acknowledge-boundary` writes what the member roles may do at most into `boundary.json`, and prints the change. */
import { writeFile } from 'node:fs/promises';
import {
  BOUNDARY_FILE,
  type Boundaries,
  boundariesOf,
  growthOf,
  readAcknowledged,
} from '../stacks/boundary-acknowledgement.ts';
import { readCdkJsonContext } from '../stacks/context.ts';
import { joinPackages } from '../stacks/packages/join.ts';
import { runGenerator } from './run-generator.ts';
import { toolOptions } from './tool-options.ts';

const USAGE = 'npm run acknowledge-boundary    (then commit boundary.json)';

await runGenerator(USAGE, async () => {
  toolOptions(USAGE, {});
  await joinPackages();
  const { REMEDIATIONS } = await import('../functions/remediations/registry.generated.ts');
  // Both roles, so that the file does not depend on this setting.
  const current = boundariesOf({ ...(await readCdkJsonContext()), responseRole: true }, REMEDIATIONS);
  const acknowledged = readAcknowledged();
  await writeFile(BOUNDARY_FILE, `${JSON.stringify(current, null, 2)}\n`);
  const changes = [
    ...changeLines('+', growthOf(current, acknowledged)),
    ...changeLines('-', growthOf(acknowledged, current)),
  ];
  return changes.length === 0 ? 'The boundaries are as acknowledged.' : changes.join('\n');
});

function changeLines(sign: '+' | '-', boundaries: Boundaries): string[] {
  return Object.entries(boundaries).flatMap(([role, actions]) => actions.map((action) => `${sign} ${role}: ${action}`));
}
