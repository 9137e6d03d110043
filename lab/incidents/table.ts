/** Every incident, in the order in which they can be brought about together: those that take days come first. */
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

/** Returns what is wrong with names of incidents; undefined if each has one. */
export function incidentsProblem(names: readonly string[]): string | undefined {
  const unknown = names.filter((name) => !INCIDENTS.some((each) => each.name === name));
  if (unknown.length === 0) return undefined;
  return `There is no incident ${unknown.join(', ')}. To list them: npm run sandbox -- --incident list`;
}

/** Returns the incidents in the order in which they are brought about. */
export const incidentsNamed = (names: readonly string[]): Incident[] =>
  INCIDENTS.filter(({ name }) => names.includes(name));

/** One line for each incident. */
export function incidentList(): string {
  const width = Math.max(...INCIDENTS.map(({ name }) => name.length));
  const line = ({ name, shows, needs }: Incident) =>
    `${name.padEnd(width)}  ${shows}${needs ? ` (stack: ${needs})` : ''}`;
  return ALL.map(line).join('\n');
}

/** Articles of the runbook without an incident, each with the reason. */
export const NOT_BROUGHT_ABOUT: Readonly<Record<string, string>> = {
  'executions-timed-out': 'an execution would have to run for a year',
};
