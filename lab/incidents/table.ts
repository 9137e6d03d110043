/** Every incident, in an order in which all of them can be triggered together: those that take days come first. */
import { AUDIT_INCIDENTS } from './audit.ts';
import { CHANGE_INCIDENTS } from './changes.ts';
import { FINDING_INCIDENTS } from './findings.ts';
import { FUNCTION_INCIDENTS } from './functions.ts';
import type { Incident } from './incident.ts';
import { IP_RANGES_INCIDENTS } from './ip-ranges.ts';
import { MESSAGE_INCIDENTS } from './messages.ts';

const ALL: readonly Incident[] = [
  ...FINDING_INCIDENTS,
  ...CHANGE_INCIDENTS,
  ...FUNCTION_INCIDENTS,
  ...MESSAGE_INCIDENTS,
  ...AUDIT_INCIDENTS,
  ...IP_RANGES_INCIDENTS,
];

const hoursOf = ({ hours = 1 }: Incident) => hours;

export const INCIDENTS: readonly Incident[] = ALL.toSorted((a, b) => hoursOf(b) - hoursOf(a));

export const totalHours = (incidents: readonly Incident[]): number =>
  incidents.reduce((sum, incident) => sum + hoursOf(incident), 0);

/** Returns a message about names that no incident has; undefined if every name is known. */
export function incidentsProblem(names: readonly string[]): string | undefined {
  const unknown = names.filter((name) => !INCIDENTS.some((each) => each.name === name));
  if (unknown.length === 0) return undefined;
  return `There is no incident ${unknown.join(', ')}. To list them: npm run sandbox -- --incident list`;
}

/** Returns the incidents in the order in which they are triggered. */
export const incidentsNamed = (names: readonly string[]): Incident[] =>
  INCIDENTS.filter(({ name }) => names.includes(name));

/** Returns one line for each incident. */
export function incidentList(): string {
  const width = Math.max(...INCIDENTS.map(({ name }) => name.length));
  const line = ({ name, symptom, requires }: Incident) =>
    `${name.padEnd(width)}  ${symptom}${requires ? ` (stack: ${requires})` : ''}`;
  return ALL.map(line).join('\n');
}

/** Articles of the runbook that nobody can practise, each with the reason. */
export const ARTICLES_WITHOUT_INCIDENT: Readonly<Record<string, string>> = {
  'executions-timed-out': 'an execution would have to run for a year',
};
