/** Every incident, in an order in which all of them can be triggered together: those that take days come first. */
import { wrapHanging } from '../../cli/output/paragraphs.ts';
import { suggestion } from '../../functions/domain/nearest.ts';
import { AUDIT_INCIDENTS } from './audit.ts';
import { CHANGE_INCIDENTS } from './changes.ts';
import { FINDING_INCIDENTS } from './findings.ts';
import { FUNCTION_INCIDENTS } from './functions.ts';
import type { Incident } from './incident.ts';
import { IP_RANGES_INCIDENTS } from './ip-ranges.ts';
import { MESSAGE_INCIDENTS } from './messages.ts';

/** The incidents under each heading of docs/runbook.md. */
export const INCIDENT_GROUPS: readonly { readonly heading: string; readonly incidents: readonly Incident[] }[] = [
  { heading: 'Findings', incidents: FINDING_INCIDENTS },
  { heading: 'Changes', incidents: CHANGE_INCIDENTS },
  { heading: 'Functions', incidents: FUNCTION_INCIDENTS },
  { heading: 'Messages and tickets', incidents: MESSAGE_INCIDENTS },
  { heading: 'The audit chain', incidents: AUDIT_INCIDENTS },
  { heading: 'IP ranges', incidents: IP_RANGES_INCIDENTS },
];

const hoursOf = ({ hours = 1 }: Incident) => hours;

export const INCIDENTS: readonly Incident[] = INCIDENT_GROUPS.flatMap(({ incidents }) => incidents).toSorted(
  (a, b) => hoursOf(b) - hoursOf(a),
);

export const totalHours = (incidents: readonly Incident[]): number =>
  incidents.reduce((sum, incident) => sum + hoursOf(incident), 0);

/** Returns a message about names that no incident has; undefined if every name is known. */
export function incidentsProblem(names: readonly string[]): string | undefined {
  const unknown = names.filter((name) => !INCIDENTS.some((each) => each.name === name));
  if (unknown.length === 0) return undefined;
  const known = INCIDENTS.map(({ name }) => name);
  const named = unknown.map((name) => `There is no incident ${name}${suggestion(name, known) || '.'}`);
  return [...named, 'To list them: npm run sandbox -- --incident list'].join('\n');
}

/** Returns the incidents in the order in which they are triggered. */
export const incidentsNamed = (names: readonly string[]): Incident[] =>
  INCIDENTS.filter(({ name }) => names.includes(name));

/** Returns the incidents by the headings of the runbook, and how to cause one. They fit the width. */
export function incidentList(width = process.stdout.columns || 80): string {
  const column = Math.max(...INCIDENTS.map(({ name }) => name.length)) + 4;
  const line = ({ name, symptom, requires }: Incident) =>
    wrapHanging(`  ${name.padEnd(column - 2)}${symptom}${requires ? ` (stack: ${requires})` : ''}`, column, width);
  const [example] = INCIDENT_GROUPS[0]!.incidents;
  return [
    `${INCIDENTS.length} incidents to practise, with their symptoms, as docs/runbook.md has them.`,
    'To cause one, and begin with the command that the sandbox prints then:',
    `  npm run sandbox -- --incident ${example!.name}`,
    'Several at once: their names with commas between.',
    ...INCIDENT_GROUPS.flatMap(({ heading, incidents }) => ['', heading, ...incidents.map(line)]),
  ].join('\n');
}

/** Articles of the runbook that nobody can practise, each with the reason. */
export const ARTICLES_WITHOUT_INCIDENT: Readonly<Record<string, string>> = {
  'executions-timed-out': 'an execution would have to run for a year',
};
