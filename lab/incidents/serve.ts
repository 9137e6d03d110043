/** An organization with open incidents, for people who practise. */

import { Failure } from '../../cli/errors/failure.ts';
import { HOUR_MS } from '../../functions/ledger/ledger-items.ts';
import { limitFunctionInstances } from '../organization/function-instances.ts';
import { startPlaces } from '../organization/optional-stacks.ts';
import { type RunningOrganization, runOrganization, SAMPLE_MEMBERS } from '../organization/organization.ts';
import { makeReady } from '../organization/ready.ts';
import { pauseSchedules } from '../organization/schedules.ts';
import type { Incident } from './incident.ts';
import { MINUTE_MS } from './incident-end.ts';
import { IncidentLab } from './incident-lab.ts';
import { totalHours } from './table.ts';
import { areRinging, endIncidents, type RunningIncident, triggerIncidents } from './trigger.ts';

const POLL_MS = 5_000;

export type StartedIncidents = {
  readonly incidents: readonly Incident[];
  /** Polls the incidents, and ends the alarms of resolved ones. Returns a function that stops polling. */
  readonly endRepeatedly: () => () => void;
  readonly close: () => Promise<void>;
};

/**
 * Triggers the incidents on a virtual clock that starts as many hours ago as they take; then the clock follows real time.
 */
export async function startWithIncidents(
  incidents: readonly Incident[],
  port: number,
  progress: (step: string) => void,
): Promise<{ organization: RunningOrganization; started: StartedIncidents }> {
  const places = incidents.some(({ requires }) => requires) ? await startPlaces() : undefined;
  const start = Date.now() - totalHours(incidents) * HOUR_MS;
  const organization = await runOrganization(SAMPLE_MEMBERS, { ...places?.options, start, port }, progress);
  const { sandbox, context } = organization;
  limitFunctionInstances(sandbox.kernel);
  await makeReady(organization, SAMPLE_MEMBERS);
  const enableSchedules = await pauseSchedules(sandbox, [context.securityAccount, context.serviceAccount]);
  progress('triggering the incident');
  const lab = new IncidentLab(organization, places?.receiver);
  const running: RunningIncident[] = [];
  for (const [n, incident] of incidents.entries()) {
    // The unused hours of the earlier incidents pass before this one, because an incident may end by itself soon after it.
    const spareMs = Date.now() - totalHours(incidents.slice(n)) * HOUR_MS - lab.now();
    if (spareMs > 0) await sandbox.kernel.clock.advance(spareMs);
    running.push(...(await triggerWith(lab, incident, running)));
  }
  await requireOpen(lab, running);
  await sandbox.kernel.clock.followRealTime();
  await enableSchedules(lab.disabledRules);
  const endRepeatedly = () => {
    const timer = setInterval(() => void endIncidents(lab, running), POLL_MS);
    return () => clearInterval(timer);
  };
  return { organization, started: { incidents, endRepeatedly, close: async () => places?.close() } };
}

/** @throws Failure if what the earlier incidents broke keeps this one from happening in the time that it has */
async function triggerWith(lab: IncidentLab, incident: Incident, earlier: readonly RunningIncident[]) {
  const latest = lab.now() + totalHours([incident]) * HOUR_MS;
  try {
    const running = await triggerIncidents(lab, [incident]);
    if (lab.now() <= latest) return running;
  } catch (error) {
    if (earlier.length === 0) throw error;
    throw await refusal(lab, [incident.name], earlier, NEEDED, error);
  }
  if (earlier.length > 0) throw await refusal(lab, [incident.name], earlier, LATE);
  throw new Error(`${incident.name} took ${Math.ceil((lab.now() - latest) / MINUTE_MS)} minutes longer than it has`);
}

const NEEDED = 'what one of them breaks is needed for the other';
const LATE = 'what one of them breaks makes the other wait for hours';
const HIDDEN = 'one hides the other, whose alarm would end at once';

/**
 * Makes sure that each alarm rings on until a person has resolved its incident.
 * @throws Failure if one incident hides another, or resolves it
 */
async function requireOpen(lab: IncidentLab, running: readonly RunningIncident[]): Promise<void> {
  if (running.length < 2) return;
  const hidden: RunningIncident[] = [];
  for (const each of running) if (!(await isOpen(lab, each))) hidden.push(each);
  if (hidden.length === 0) return;
  const others = running.filter((each) => !hidden.includes(each));
  const names = hidden.map(({ incident: { name } }) => name);
  throw await refusal(lab, names, others.length > 0 ? others : hidden, HIDDEN);
}

async function isOpen(lab: IncidentLab, { incident, end }: RunningIncident): Promise<boolean> {
  try {
    return !(await end.isOver()) && (await areRinging(lab, incident));
  } catch {
    return false;
  }
}

async function refusal(
  lab: IncidentLab,
  names: readonly string[],
  others: readonly RunningIncident[],
  because: string,
  cause?: unknown,
): Promise<Failure> {
  await lab.sandbox.close();
  const theirs = others.map(({ incident: { name } }) => name).join(', ');
  const does = names.length === 1 ? 'does' : 'do';
  return new Failure(
    `${names.join(', ')} ${does} not happen together with ${theirs}: ${because}. Give fewer of them.`,
    { cause },
  );
}

/** Returns the symptoms, which name neither cause nor solution, and the first command. */
export const incidentText = (incidents: readonly Incident[]): string =>
  [
    '',
    incidents.length === 1 ? 'An incident is open:' : `${incidents.length} incidents are open:`,
    '',
    ...incidents.map(({ name, symptom }) => `  ${name}: ${symptom}`),
    '',
    'Begin with:',
    '',
    'npm run -s suture -- --as operator status',
  ].join('\n');
