import { expect, it } from 'vitest';
import type { AttentionItem } from '../../../cli/attention/attention-item.ts';
import { attentionPage } from '../../../cli/attention/attention-text.ts';

const CAUSE = 'The role does not exist: let the StackSet of SutureOrgRollout reach the account, or deploy it there.';
const ITEM: AttentionItem = {
  ...{ kind: 'approval', id: '0f6e1a2b', title: 'A change waits for approval' },
  facts: { risk: 'disruptive', remediation: 'ec2/close-admin-ports' },
  change: { before: { port: 22, state: 'open' }, after: { port: 443, state: 'open' } },
  ...{ causes: [CAUSE, 'Then replay it.'], actions: [] },
};

it('a page of triage is broken between words at the width of the terminal, below each other', () => {
  const lines = attentionPage(ITEM, 60).split('\n');
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(60);
  const why = lines.slice(lines.findIndex((line) => line.startsWith('  why')));
  expect(why.length).toBeGreaterThan(3);
  for (const line of why.slice(1)) expect(line).toMatch(/^ {15}\S/);
  expect(why.map((line) => line.slice(15)).join(' ')).toBe(`${CAUSE} Then replay it.`);
});
it('a page of triage off a terminal has its lines whole', () => {
  expect(attentionPage(ITEM)).toContain(`  why          ${CAUSE}\n`);
});
it('a page of triage shows the difference that an approval would make', () => {
  expect(attentionPage(ITEM).split('\n')).toEqual(
    expect.arrayContaining([
      '  difference   {'.replace('{', '  {'),
      `${' '.repeat(15)}-   "port": 22,`,
      `${' '.repeat(15)}+   "port": 443,`,
    ]),
  );
});
