import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

/** What `npm run -s bench -- --json` printed when the page was written; times are not looked at, for each run has its own. */
const figures: Record<string, number> = JSON.parse(await readFile('docs/figures.json', 'utf8'));
const page = await readFile('docs/performance.md', 'utf8');

/** The row's measured cell. */
const cellOf = (row: string): string => {
  const line = page.split('\n').find((each) => each.startsWith(`| ${row} |`));
  if (!line) throw new Error(`docs/performance.md has no row "${row}"`);
  return line.split('|')[2]!.replaceAll('*', '').trim();
};
const figure = (name: string): number => figures[name] ?? expect.fail(`docs/figures.json has no ${name}`);
const closing = (what: string) => figure(`remediation.ec2/close-admin-ports.${what}`);
const largest = (pattern: RegExp) =>
  Math.max(...Object.entries(figures).flatMap(([name, value]) => (pattern.test(name) ? [value] : [])));

it.each([
  {
    row: 'states entered: remediation / with approval / archived',
    is: [closing('states'), figure('approved.states'), figure('archived.states')].join(' / '),
  },
  {
    row: 'invocations: remediation / with approval',
    is: [closing('invocations'), figure('approved.invocations')].join(' / '),
  },
  {
    row: 'calls in the member account for closing a security group, AssumeRole included',
    is: String(closing('member-calls')),
  },
  { row: 'other calls of functions, for one remediation', is: String(closing('other-calls')) },
  {
    row: 'session policy, median / most',
    is: `${figure('session-policy.median')} / ${figure('session-policy.most')} characters`,
  },
  {
    row: 'bundle of a remediation, largest',
    is: `${Math.round(largest(/^bundle\.suture-remediation-.*\.kb$/))} KB`,
  },
  { row: '1,000 remediations', is: `$${figure('cost.remediations-1000').toFixed(2)}` },
  { row: '100,000 archived findings', is: `$${figure('cost.archived-100000').toFixed(2)}` },
])('docs/performance.md says of $row what was measured: $is', ({ row, is }) => {
  expect(cellOf(row)).toBe(is);
});
