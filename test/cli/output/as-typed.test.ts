import { expect, it } from 'vitest';
import { typedInClone } from '../../../cli/output/as-typed.ts';
import { commandToReplay } from '../../../functions/contract/errors.ts';
import { withCommandsTyped } from '../../../functions/domain/command-names.ts';

const CLONE = 'npm run -s suture -- ';
const inClone = typedInClone(['replay', 'show', 'docs', 'rollout']);

it.each([
  [commandToReplay('Stopped'), `${CLONE}replay --failed --error Stopped --reason "…"`],
  [
    'See `suture show 0f6e1a2b`, then suture docs runbook#x.',
    `See \`${CLONE}show 0f6e1a2b\`, then ${CLONE}docs runbook#x.`,
  ],
  ['suture --as operator --home-region us-east-1 show x', `${CLONE}--as operator --home-region us-east-1 show x`],
  ['suture <command> --help', `${CLONE}<command> --help`],
  ['| xargs -n 1 suture show', `| xargs -n 1 ${CLONE}show`],
])('a clone types %j as %j, once', (text, typed) => {
  expect(inClone(text)).toBe(typed);
  expect(inClone(typed)).toBe(typed);
});
it.each(['the prefix suture shows', '/aws/suture show', 'suture-show', 'docs/runbook.md#x'])(
  'a clone leaves %j',
  (text) => {
    expect(inClone(text)).toBe(text);
  },
);
it('the installed tool types commands as texts have them, also those that an older version stored', () => {
  const text = commandToReplay('Stopped');
  expect(withCommandsTyped(text)).toBe(text);
  expect(withCommandsTyped(text.replace('suture ', CLONE))).toBe(text);
  expect(withCommandsTyped(`${CLONE}rollout`)).toBe(`${CLONE}rollout`);
});
