import { expect, it } from 'vitest';
import { causesOf, type TestFailure } from './causes.ts';

const ROOT = '/repository/';
const FRAME = { file: `${ROOT}functions/engine.ts`, line: 7, column: 3 };

const failure = (error: Partial<TestFailure['error']> = {}, path = ['a suite', 'a test']): TestFailure => ({
  file: `${ROOT}test/engine.test.ts`,
  path,
  error: { name: 'TypeError', message: 'x is undefined', stack: [FRAME], ...error },
});
const summary = (...failures: TestFailure[]) =>
  causesOf(failures, ROOT).map(({ line, failures: { length } }) => [line?.file.replace(ROOT, ''), line?.line, length]);

it('groups failures of one line with one error', () => {
  expect(summary(failure(), failure(), failure())).toEqual([['functions/engine.ts', 7, 3]]);
});

it('groups messages that differ only in ids and numbers', () => {
  const [one, other] = ['sg-0123456789abcdef0 has 3 rules', 'sg-fedcba98765432100 has 12 rules'];
  expect(summary(failure({ message: one }), failure({ message: other }))).toHaveLength(1);
});

it.each([
  ['other lines', { stack: [{ ...FRAME, line: 8 }] }],
  ['other messages', { message: 'y is undefined' }],
  ['other errors', { name: 'RangeError' }],
])('separates failures with %s', (_, error) => {
  expect(summary(failure(), failure(error))).toHaveLength(2);
});

it("names the innermost line of the repository outside of node_modules and of the tests' helpers", () => {
  const inner = [
    { ...FRAME, file: '/elsewhere/library.js' },
    { ...FRAME, file: `${ROOT}node_modules/library/index.js` },
    { ...FRAME, file: `${ROOT}test/support/pipeline.ts` },
  ];
  expect(summary(failure({ stack: [...inner, FRAME] }))).toEqual([['functions/engine.ts', 7, 1]]);
});

it('names the test file if no line of the repository is known', () => {
  expect(summary(failure({ stack: [] }))).toEqual([['test/engine.test.ts', 1, 1]]);
});

it('groups all laws that a remediation breaks as one cause', () => {
  const broken = (law: string) =>
    failure({ name: 'LawBroken', message: `${law} fails` }, ['ec2/close-admin-ports', 'a scenario', law]);
  expect(summary(broken('plan'), broken('rollback'))).toEqual([
    ['functions/remediations/ec2/close-admin-ports/index.ts', 1, 2],
  ]);
});
