import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** Numbers that are never one: those of names that fit several things, and those of fixed lists. */
const NEVER_ONE = [
  'accounts are named',
  'changes that wait. Give the id of one',
  'findings. Give the id of one',
  'proposals. Give one of',
  '} of ${all.length} controls',
  'of ${controls} controls of CIS',
  'executions: ',
  '=== 1 ?',
  'length > 1',
  'LOOKS',
  'MAX_',
  'FAULTS.length} faults are',
  'hours ahead of the clock',
  'axEntries} entries',
  'of at most',
  'rulesPerGroup} rules',
];
const NOUNS =
  'accounts|approvals|calls|entries|groups|interfaces|ranges|changes|checks|circuits|controls|days|events|executions|faults|findings|fixes|hours|kills|lines|links|messages|minutes|problems|proposals|regions|resources|rules|scenarios|targets|times|units|versions';
const WITHOUT_SINGULAR = new RegExp(`\\$\\{[^}]*\\} (?:${NOUNS})\\b`);

it('a number before a noun has a singular, in texts of the command line, ip-ranges, doctor, npm start, simulate and soak', () => {
  const files = globSync(
    '{cli,ip-ranges,functions/doctor,functions/aws/doctor,lab/{simulate,soak,story,organization}}/**/*.ts',
    {
      exclude: ['**/*.generated.ts', 'cli/dist/**'],
    },
  );
  expect(files.length).toBeGreaterThan(150);
  const lines = files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => WITHOUT_SINGULAR.test(line) && !NEVER_ONE.some((text) => line.includes(text)))
      .map((line) => `${file}: ${line.trim()}`),
  );
  expect(lines).toEqual([]);
});
