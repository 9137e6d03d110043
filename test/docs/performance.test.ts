import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { asrCost, asrTotal } from '../../lab/bench/automated-security-response.ts';

/** The output of `npm run -s bench -- --json` when the page was written. Times are not compared, because they vary. */
const FIGURES: Record<string, number> = JSON.parse(await readFile('docs/reference/figures.json', 'utf8'));
const PAGE = await readFile('docs/reference/performance.md', 'utf8');

const cellOf = (row: string): string => {
  const line = PAGE.split('\n').find((each) => each.startsWith(`| ${row} |`));
  if (!line) throw new Error(`docs/reference/performance.md has no row "${row}"`);
  return line.split('|')[2]!.replaceAll('*', '').trim();
};
const figure = (name: string): number => FIGURES[name] ?? expect.fail(`docs/reference/figures.json has no ${name}`);
const closePortsFigure = (what: string) => figure(`remediation.ec2/close-admin-ports.${what}`);
const largest = (pattern: RegExp) =>
  Math.max(...Object.entries(FIGURES).flatMap(([name, value]) => (pattern.test(name) ? [value] : [])));

it.each([
  {
    row: 'states entered: remediation / with approval / archived',
    is: [closePortsFigure('states'), figure('approved.states'), figure('archived.states')].join(' / '),
  },
  {
    row: 'invocations: remediation / with approval',
    is: [closePortsFigure('invocations'), figure('approved.invocations')].join(' / '),
  },
  {
    row: 'calls in the member account for closing a security group, AssumeRole included',
    is: String(closePortsFigure('member-calls')),
  },
  { row: 'other calls of functions, for one remediation', is: String(closePortsFigure('other-calls')) },
  {
    row: 'session policy, median / most',
    is: `${figure('session-policy.median')} / ${figure('session-policy.most')} characters`,
  },
  {
    row: 'bundle of a remediation, largest',
    is: `${Math.round(largest(/^bundle\.suture-remediation-.*\.kb$/))} KB`,
  },
  {
    row: 'resources of the largest stack, with 105 / 183 controls',
    is: [figure('size.105.largest-stack'), figure('size.183.largest-stack')].join(' / '),
  },
  {
    row: "characters of the member role's longest policy, with 105 / 183 controls",
    is: [figure('size.105.longest-policy'), figure('size.183.longest-policy')].join(' / '),
  },
  {
    row: "longest setting / its scenarios / family's control / module of its own, in lines",
    is: ['setting.longest', 'setting.longest-scenarios', 'family.longest', 'own.longest']
      .map((name) => figure(`lines.${name}`))
      .join(' / '),
  },
  { row: '1,000 remediations', is: `$${figure('cost.remediations-1000').toFixed(2)}` },
  { row: '1,000 findings: messages to owners', is: String(figure('messages.owners')) },
  { row: '1,000 findings: requests to a place of tickets', is: String(figure('messages.tickets')) },
  { row: '1,000 findings: cost of messages and tickets', is: `$${figure('cost.messages-1000').toFixed(2)}` },
  { row: 'secrets and alarms of a place, a month', is: `$${figure('cost.message-place-month').toFixed(2)}` },
  { row: '100,000 archived findings', is: `$${figure('cost.archived-100000').toFixed(2)}` },
])('docs/reference/performance.md shows the measured figures of $row: $is', ({ row, is }) => {
  expect(cellOf(row)).toBe(is);
});

it("docs/reference/performance.md has the sum of AWS's own product, with its source", () => {
  const parts = Object.entries(asrCost(1_000));
  const rows = parts.map(
    ([part, dollars]) => [part, dollars, PAGE.split('\n').find((line) => line.startsWith(`| ${part} |`))] as const,
  );
  const shown = rows.filter(([, , line]) => line !== undefined);
  for (const [, dollars, line] of shown) expect(Number(/= \$([\d.]+) \|$/.exec(line!)?.[1])).toBeCloseTo(dollars, 3);
  const rest = rows.filter(([, , line]) => line === undefined);
  const restLine = PAGE.split('\n').find((line) => line.startsWith(`| ${rest.map(([part]) => part).join(', ')} |`));
  expect(restLine).toContain(`| $${rest.reduce((sum, [, dollars]) => sum + dollars, 0).toFixed(3)} |`);
  expect(PAGE).toContain(`1,000 remediations cost ${asrTotal(1_000)}.`);
  expect(PAGE).toContain('https://docs.aws.amazon.com/solutions/latest/automated-security-response-on-aws/cost.html');
});
