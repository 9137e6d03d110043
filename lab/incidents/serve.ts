/** An organization in which incidents have come about, for people who practise on it. */
import { limitFunctionInstances } from '../organization/function-instances.ts';
import { startPlaces } from '../organization/optional-stacks.ts';
import { type RunningOrganization, runOrganization, SAMPLE_MEMBERS } from '../organization/organization.ts';
import { makeReady } from '../organization/ready.ts';
import { pauseSchedules } from '../organization/schedules.ts';
import { bringAbout, endIncidents, type RunningIncident } from './bring-about.ts';
import type { Incident } from './incident.ts';
import { HOUR } from './incident-end.ts';
import { Scene } from './scene.ts';
import { totalHours } from './table.ts';

const LOOK_INTERVAL_MS = 5_000;

export type StartedIncidents = {
  readonly incidents: readonly Incident[];
  /** Ends alarms as people mend the incidents. Returns a function that stops it. */
  readonly endRepeatedly: () => () => void;
  readonly close: () => Promise<void>;
};

/**
 * Brings the incidents about on a virtual clock that begins so long ago as they take; then the clock follows real time.
 */
export async function startWithIncidents(
  incidents: readonly Incident[],
  port: number,
  progress: (step: string) => void,
): Promise<{ organization: RunningOrganization; running: StartedIncidents }> {
  const places = incidents.some(({ needs }) => needs) ? await startPlaces() : undefined;
  const start = Date.now() - totalHours(incidents) * HOUR;
  const organization = await runOrganization(SAMPLE_MEMBERS, { ...places?.options, start, port }, progress);
  const { sandbox, context } = organization;
  limitFunctionInstances(sandbox.kernel);
  await makeReady(organization, SAMPLE_MEMBERS);
  const enableSchedules = await pauseSchedules(sandbox, [context.securityAccount, context.serviceAccount]);
  progress('bringing the incident about');
  const scene = new Scene(organization, places?.receiver);
  const began: RunningIncident[] = [];
  for (const [n, incident] of incidents.entries()) {
    // What an earlier incident did not need passes now: little may pass after an incident that ends by itself.
    const early = Date.now() - totalHours(incidents.slice(n)) * HOUR - scene.now();
    if (early > 0) await sandbox.kernel.clock.advance(early);
    began.push(...(await bringAbout(scene, [incident])));
  }
  await sandbox.kernel.clock.followRealTime();
  await enableSchedules(scene.disabledRules);
  const endRepeatedly = () => {
    const timer = setInterval(() => void endIncidents(scene, began), LOOK_INTERVAL_MS);
    return () => clearInterval(timer);
  };
  return { organization, running: { incidents, endRepeatedly, close: async () => places?.close() } };
}

/** Names neither cause nor solution. */
export const incidentText = (incidents: readonly Incident[]): string =>
  [
    '',
    incidents.length === 1 ? 'An incident is in:' : `${incidents.length} incidents are in:`,
    '',
    ...incidents.map(({ name, shows }) => `  ${name}: ${shows}`),
    '',
    'Begin with:',
    '',
    'npm run -s suture -- --as operator status',
  ].join('\n');
