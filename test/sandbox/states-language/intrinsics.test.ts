import { describe, expect, it } from 'vitest';
import { haveDefinitionsValidated, outcome, runMachine, singleState } from './runs.ts';

haveDefinitionsValidated();

const call = (expression: string) => singleState({ Type: 'Pass', Parameters: { 'x.$': expression } });
const INPUT = {
  a: [1, 2, 3, 3],
  name: 'Ada',
  one: { k: 1, both: 1 },
  other: { both: 2 },
  text: '{"n":1}',
  half: 0.6,
  more: 1.4,
  'q)': [7],
  lines: 'split on T and \nnew line',
  separators: 'T\n',
  sentence: 'This.is+a,test=string',
  marks: '.+,=',
  decimal: 1.1,
  roundedDown: 1.49,
  roundedUp: 1.5,
  negative: -1.49,
  negativeHalf: -1.5,
};

// https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
const CASES: [expression: string, result: unknown][] = [
  ["States.Format('Hello, {}: {}', $.name, 7)", 'Hello, Ada: 7'],
  ["States.Format('{}', $.one)", '{k=1, both=1}'],
  ["States.Format('{}', States.Array('a', null, $.one))", '[a, null, {k=1, both=1}]'],
  ["States.Format('{}', null)", 'null'],
  ["States.Format('it\\'s \\{\\} {}', 'x')", "it's {} x"],
  ['States.StringToJson($.text)', { n: 1 }],
  ['States.JsonToString($.other)', '{"both":2}'],
  ["States.Array(1, 'two', $.one, true, null)", [1, 'two', { k: 1, both: 1 }, true, null]],
  ['States.Array()', []],
  ['States.ArrayPartition($.a, 3)', [[1, 2, 3], [3]]],
  ['States.ArrayContains($.a, 2)', true],
  ['States.ArrayContains(States.Array($.one), States.StringToJson(\'{"both":1,"k":1}\'))', true],
  ["States.ArrayContains($.a, '2')", false],
  ['States.ArrayRange(1, 9, 2)', [1, 3, 5, 7, 9]],
  ['States.ArrayRange(3, 1, -1)', [3, 2, 1]],
  ['States.ArrayGetItem($.a, 1)', 2],
  ['States.ArrayLength($.a)', 4],
  ['States.ArrayUnique($.a)', [1, 2, 3]],
  ["States.Base64Encode('Data to encode')", 'RGF0YSB0byBlbmNvZGU='],
  ["States.Base64Decode('RGF0YSB0byBlbmNvZGU=')", 'Data to encode'],
  ["States.Hash('input data', 'SHA-1')", 'aaff4a450a104cd177d28d18d74485e8cae074b7'],
  ["States.Hash('', 'MD5')", 'd41d8cd98f00b204e9800998ecf8427e'],
  ['States.JsonMerge($.one, $.other, false)', { k: 1, both: 2 }],
  ['States.MathAdd(111, -1)', 110],
  ['States.MathAdd($.half, $.more)', 2],
  ["States.StringSplit('1,2;;3', ',;')", ['1', '2', '3']],
  ["States.StringSplit(' ', ',')", [' ']],
  ["States.StringSplit(', , ,', ',')", [' ', ' ']],
  ["States.StringSplit(',,,,', ',')", []],
  ['States.StringSplit($.sentence, $.marks)', ['This', 'is', 'a', 'test', 'string']],
  ['States.StringSplit($.lines, $.separators)', ['split on ', ' and ', 'new line']],
  ['States.MathAdd($.roundedDown, $.roundedUp)', 3],
  ['States.MathAdd($.roundedUp, $.roundedUp)', 4],
  ['States.MathAdd($.negative, $.negativeHalf)', -2],
  ['States.MathAdd(-9, 3)', -6],
  ["States.Array('', '')", ['', '']],
  ["States.Format('Formatting argument {}.', '')", 'Formatting argument .'],
  ["States.Format('{}', $.decimal)", '1.1'],
  ["States.Format('{}', $.text)", '{"n":1}'],
  ['States.MathRandom(1, 999)', 500],
  ['States.UUID()', '00000000-0000-4000-8000-000000000001'],
  ["States.ArrayLength($['q)'])", 1],
  ["States.Format('{}', $$.Execution.Name)", 'one'],
  ['States.ArrayGetItem(States.ArrayUnique($.a), States.MathAdd(1, 1))', 3],
];

describe('intrinsic functions return documented results', () => {
  it.each(CASES)('%s', async (expression, result) => {
    expect(outcome(await runMachine(call(expression), INPUT))).toEqual({ x: result });
  });

  it('MathRandom returns the same number for the same seed', async () => {
    const { x } = outcome(
      await runMachine(call('States.Array(States.MathRandom(1, 999, 5), States.MathRandom(1, 999, 5))')),
    ) as {
      x: number[];
    };
    expect(x[0]).toBe(x[1]);
  });

  it.each<[expression: string, error: string, detail: string]>([
    ["States.StringToJson('{')", 'States.IntrinsicFailure', 'had the following error'],
    ["States.Format('{} {}', 1)", 'States.IntrinsicFailure', 'more placeholders than arguments'],
    ['States.ArrayRange(1, 5000, 1)', 'States.IntrinsicFailure', 'more than 1000 elements'],
    ['States.ArrayGetItem($.a, 4)', 'States.IntrinsicFailure', 'out of bounds'],
    ['States.JsonMerge($.one, $.other, true)', 'States.IntrinsicFailure', 'shallow'],
    ["States.Hash('x', 'SHA1')", 'States.IntrinsicFailure', 'unknown hash algorithm'],
    ['States.ArrayLength($.name)', 'States.IntrinsicFailure', 'expected an array'],
    ['States.ArrayLength($.no)', 'States.Runtime', "'$.no' could not be found"],
  ])('%s fails with %s', async (expression, error, detail) => {
    const run = await runMachine(call(expression), INPUT);
    expect(run.execution).toMatchObject({ error, cause: expect.stringContaining(detail) });
  });
});
