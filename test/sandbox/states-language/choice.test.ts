import { describe, expect, it } from 'vitest';
import { haveDefinitionsValidated, outcome, runMachine } from './runs.ts';

haveDefinitionsValidated();

const choose = (rule: object, fields: object = {}, more: object[] = []) => ({
  StartAt: 'Choose',
  States: {
    Choose: { Type: 'Choice', Choices: [{ ...rule, Next: 'Yes' }, ...more], Default: 'No', ...fields },
    Yes: { Type: 'Pass', Result: true, End: true },
    No: { Type: 'Pass', Result: false, End: true },
  },
});
const at = (hour: string) => `2026-11-22T${hour}:00:00Z`;

// https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html
const CASES: [operator: string, operand: unknown, value: unknown, chosen: boolean][] = [
  ['StringEquals', 'a', 'a', true],
  ['StringEquals', 'a', 'A', false],
  ['StringEquals', '1', 1, false],
  ['StringEqualsPath', '$.other', 'same', true],
  ['StringLessThan', 'b', 'a', true],
  ['StringLessThan', 'a', 'a', false],
  ['StringLessThanEquals', 'a', 'a', true],
  ['StringGreaterThan', 'a', 'b', true],
  ['StringGreaterThanEquals', 'b', 'b', true],
  ['StringMatches', 'log-*.txt', 'log-7.txt', true],
  ['StringMatches', 'log-*.txt', 'log-7.txt.gz', false],
  ['StringMatches', 'a\\*', 'a*', true],
  ['StringMatches', 'a\\*', 'ab', false],
  ['StringMatches', 'a.c', 'abc', false],
  ['StringMatches', '*', 'two\nlines', true],
  ['NumericEquals', 1, 1, true],
  ['NumericEquals', 1, 1.0, true],
  ['NumericEquals', 1, '1', false],
  ['NumericEqualsPath', '$.number', 7, true],
  ['NumericLessThan', 2, 1, true],
  ['NumericLessThan', 10, '9', false],
  ['NumericLessThanEquals', 2, 2, true],
  ['NumericGreaterThan', 2, 3, true],
  ['NumericGreaterThanEquals', 2, 1, false],
  ['NumericGreaterThanPath', '$.number', 8, true],
  ['BooleanEquals', true, true, true],
  ['BooleanEquals', true, 'true', false],
  ['BooleanEqualsPath', '$.yes', true, true],
  ['TimestampEquals', at('10'), '2026-11-22T11:00:00+01:00', true],
  ['TimestampLessThan', at('10'), at('09'), true],
  ['TimestampLessThan', at('10'), 'yesterday', false],
  ['TimestampLessThanEquals', at('10'), at('10'), true],
  ['TimestampGreaterThan', at('10'), at('11'), true],
  ['TimestampGreaterThanEquals', at('10'), at('09'), false],
  ['TimestampEqualsPath', '$.time', at('10'), true],
  ['StringEquals', 'a', null, false],
  ['StringEquals', 'a', 0, false],
  ['StringEquals', 'a', [''], false],
  ['StringEquals', 'a', { A: 0 }, false],
  ['StringEquals', '     ', ' ', false],
  ['StringGreaterThan', 'A ', 'A', false],
  ['StringGreaterThan', 'A\t\n\r', 'A', false],
  ['StringGreaterThanEquals', '', '', true],
  ['StringLessThan', 'AB', 'A', true],
  ['TimestampEquals', at('10'), null, false],
  ['TimestampEquals', at('10'), 1.1, false],
  ['TimestampEquals', at('10'), '2023-02-24 12:15:56.832957', false],
  ['TimestampEquals', at('10'), [], false],
  ['IsBoolean', true, null, false],
  ['IsBoolean', false, '', true],
  ['IsBoolean', false, {}, true],
  ['IsNull', true, 0, false],
  ['IsNull', false, [], true],
  ['IsNumeric', true, null, false],
  ['IsNumeric', true, 0.0, true],
  ['IsString', false, null, true],
  ['IsString', true, '2023-02-24', true],
  ['IsString', true, [''], false],
  ['IsString', false, true, true],
  ['IsPresent', true, '', true],
  ['IsPresent', true, [], true],
  ['IsPresent', true, false, true],
  ['IsNull', true, null, true],
  ['IsNull', false, 0, true],
  ['IsNumeric', true, 3.5, true],
  ['IsNumeric', true, '3.5', false],
  ['IsString', true, '', true],
  ['IsBoolean', true, false, true],
  ['IsBoolean', false, 'false', true],
  ['IsTimestamp', true, at('10'), true],
  ['IsTimestamp', true, '2026-11-22', false],
  ['IsTimestamp', true, '2026-11-22t10:00:00z', false],
  ['IsPresent', true, null, true],
  ['IsPresent', false, 1, false],
];

describe('a Choice state compares as documented', () => {
  it.each(CASES)('%s %j with %j: %s', async (operator, operand, value, chosen) => {
    const input = { value, other: 'same', number: 7, yes: true, time: at('10') };
    expect(outcome(await runMachine(choose({ Variable: '$.value', [operator]: operand }), input))).toBe(chosen);
  });

  it.each<[name: string, rule: object, chosen: boolean]>([
    ['IsPresent false holds for a missing value', { Variable: '$.no.such', IsPresent: false }, true],
    ['IsPresent true does not hold for a missing value', { Variable: '$.no.such', IsPresent: true }, false],
    [
      'And needs all',
      {
        And: [
          { Variable: '$.a', NumericEquals: 1 },
          { Variable: '$.b', NumericEquals: 1 },
        ],
      },
      false,
    ],
    [
      'Or needs one',
      {
        Or: [
          { Variable: '$.a', NumericEquals: 1 },
          { Variable: '$.b', NumericEquals: 1 },
        ],
      },
      true,
    ],
    ['Not inverts its rule', { Not: { Variable: '$.a', NumericEquals: 2 } }, true],
    [
      'And asks in order: presence first makes the rest safe',
      {
        And: [
          { Variable: '$.c', IsPresent: true },
          { Variable: '$.c', NumericEquals: 1 },
        ],
      },
      false,
    ],
    ['Variable may be of the context object', { Variable: '$$.Execution.Name', StringEquals: 'one' }, true],
  ])('%s', async (_, rule, chosen) => {
    expect(outcome(await runMachine(choose(rule), { a: 1, b: 2 }))).toBe(chosen);
  });

  it('follows the first rule that matches', async () => {
    const rule = { Variable: '$.a', NumericEquals: 1 };
    expect(outcome(await runMachine(choose(rule, {}, [{ ...rule, Next: 'No' }]), { a: 1 }))).toBe(true);
  });

  it('fails the execution if Variable has no value', async () => {
    const run = await runMachine(choose({ Variable: '$.no', StringEquals: 'a' }));
    expect(run.execution).toMatchObject({
      error: 'States.Runtime',
      cause: expect.stringContaining(
        "Invalid path '$.no': The choice state's condition path references an invalid value.",
      ),
    });
  });

  it('fails the execution if no rule matches and there is no Default', async () => {
    const rule = { Variable: '$.a', NumericEquals: 2 };
    const other = { Variable: '$.a', NumericEquals: 3, Next: 'No' };
    const run = await runMachine(choose(rule, { Default: undefined }, [other]), { a: 1 });
    expect(run.execution.error).toBe('States.Runtime');
  });
});
