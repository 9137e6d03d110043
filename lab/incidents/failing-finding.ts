import { noFailures } from './ends.ts';
import { allOver, HOUR, type IncidentEnd } from './incident-end.ts';
import type { RoleAt, Scene } from './scene.ts';

/** A finding fails when its function is denied something for longer than the workflow retries. */
export async function failingFinding(scene: Scene, role: RoleAt, action: string): Promise<IncidentEnd> {
  const end = await scene.deny(role, action);
  const [trace] = await scene.processFor(2.5 * HOUR, await scene.arrange('EC2.13'));
  const error = trace!.execution?.error?.name;
  if (!error) throw new Error(`The finding did not fail: ${trace!.reason}`);
  return allOver(end, noFailures(scene, error));
}
