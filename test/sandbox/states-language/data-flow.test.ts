import { describe, expect, it } from 'vitest';
import { failTask, haveDefinitionsValidated, outcome, runMachine, START, singleState, singleTask } from './runs.ts';

haveDefinitionsValidated();

const pass = (fields: object) => singleState({ Type: 'Pass', ...fields });
const failed = (error: string, detail: string) => ({
  error,
  cause: `An error occurred while executing the state 'Only' (entered at the event id #2). ${detail}`,
});
const ORDER = {
  id: 7,
  lines: [
    { sku: 'a', n: 2 },
    { sku: 'b', n: 5 },
  ],
  ship: { to: 'Rome' },
};

// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-input-output-filtering.html
const CASES: [name: string, definition: object, input: unknown, result: unknown][] = [
  ['a Pass state returns its input', pass({}), { a: 1 }, { a: 1 }],
  ['a Pass state returns Result instead', pass({ Result: { b: 2 } }), { a: 1 }, { b: 2 }],
  ['fields in Result that end in .$ stay as they are', pass({ Result: { 'b.$': '$.a' } }), { a: 1 }, { 'b.$': '$.a' }],
  ['InputPath picks a part', pass({ InputPath: '$.ship' }), ORDER, { to: 'Rome' }],
  ['InputPath null is an empty object', pass({ InputPath: null }), ORDER, {}],
  ['InputPath may read the context object', pass({ InputPath: '$$.Execution.Name' }), {}, 'one'],
  [
    'InputPath without a value',
    pass({ InputPath: '$.no' }),
    {},
    failed('States.Runtime', "Invalid path '$.no': No results for path: $.no"),
  ],
  ['OutputPath picks a part', pass({ OutputPath: '$.ship.to' }), ORDER, 'Rome'],
  ['OutputPath null is an empty object', pass({ OutputPath: null }), ORDER, {}],
  ['ResultPath null keeps the input', singleTask({ ResultPath: null }), { a: 1 }, { a: 1 }],
  ['ResultPath $ replaces the input', singleTask({ ResultPath: '$' }), { a: 1 }, 'done'],
  ['ResultPath adds a field', singleTask({ ResultPath: '$.result' }), { a: 1 }, { a: 1, result: 'done' }],
  [
    'ResultPath creates missing objects',
    singleTask({ ResultPath: '$.x.y.z' }),
    { a: 1 },
    { a: 1, x: { y: { z: 'done' } } },
  ],
  ['ResultPath replaces a field', singleTask({ ResultPath: '$.a' }), { a: 1 }, { a: 'done' }],
  ['ResultPath replaces an item', singleTask({ ResultPath: '$.a[1]' }), { a: [1, 2] }, { a: [1, 'done'] }],
  [
    'ResultPath is relative to the raw input, not to the result of InputPath',
    singleTask({ InputPath: '$.ship', ResultPath: '$.r' }),
    { ship: 1 },
    { ship: 1, r: 'done' },
  ],
  [
    'ResultPath into a value that is not an object',
    singleTask({ ResultPath: '$.a.b' }),
    { a: 'text' },
    failed('States.ResultPathMatchFailure', 'Unable to apply ReferencePath $.a.b to input "text"'),
  ],
  [
    'Parameters replace fields that end in .$ and keep the others',
    pass({ Parameters: { 'to.$': '$.ship.to', by: '$.air' } }),
    ORDER,
    { to: 'Rome', by: '$.air' },
  ],
  [
    'Parameters are filled at any depth, in arrays too',
    pass({ Parameters: { a: [{ 'b.$': '$.id' }] } }),
    ORDER,
    { a: [{ b: 7 }] },
  ],
  [
    'a path in Parameters without a value',
    pass({ Parameters: { 'x.$': '$.no' } }),
    {},
    failed('States.Runtime', "The JSONPath '$.no' specified for the field 'x.$' could not be found in the input '{}'"),
  ],
  ['a path to null has a value', pass({ Parameters: { 'x.$': '$.no' } }), { no: null }, { x: null }],
  [
    'ResultSelector shapes the result before ResultPath',
    singleTask({ ResultSelector: { 'r.$': '$' }, ResultPath: '$.out' }),
    {},
    { out: { r: 'done' } },
  ],
  [
    'ResultSelector may read the context object',
    singleTask({ ResultSelector: { 'n.$': '$$.State.Name' } }),
    {},
    { n: 'Only' },
  ],
  ['a wildcard answers a list', pass({ InputPath: '$.lines[*].sku' }), ORDER, ['a', 'b']],
  ['a wildcard over an empty list answers an empty list', pass({ InputPath: '$.lines[*].sku' }), { lines: [] }, []],
  ['a wildcard over a missing field answers an empty list', pass({ InputPath: '$.no[*]' }), {}, []],
  ['a wildcard over null answers an empty list', pass({ InputPath: '$.no[*]' }), { no: null }, []],
  ['a deep scan answers a list', pass({ InputPath: '$..n' }), ORDER, [2, 5]],
  ['a slice answers a list', pass({ InputPath: '$.lines[0:1].sku' }), ORDER, ['a']],
  ['a filter answers a list, also of one', pass({ InputPath: '$.lines[?(@.n > 3)].sku' }), ORDER, ['b']],
  ['a filter that matches nothing answers an empty list', pass({ InputPath: '$.lines[?(@.n > 9)]' }), ORDER, []],
  ['a negative index counts from the end', pass({ InputPath: '$.lines[-1].sku' }), ORDER, 'b'],
  ['a quoted name may hold dots', pass({ InputPath: "$['a.b']" }), { 'a.b': 1 }, 1],
  ['a name may hold dashes', pass({ InputPath: '$.detail-type' }), { 'detail-type': 'x' }, 'x'],
];

describe('data flows through a state as documented', () => {
  it.each(CASES)('%s', async (_, definition, input, result) => {
    expect(outcome(await runMachine(definition, input, () => 'done'))).toEqual(result);
  });

  it('passes Parameters to a task, filled from the effective input', async () => {
    const run = await runMachine(singleTask({ InputPath: '$.ship', Parameters: { 'city.$': '$.to' } }), ORDER);
    expect(run.work[0]!.parameters).toEqual({ city: 'Rome' });
  });

  it('accepts a payload of 256 KiB and refuses one more byte', async () => {
    const text = (bytes: number) => 'é'.repeat((bytes - 2) / 2);
    const fits = await runMachine(singleTask({}), {}, () => text(256 * 1024));
    const tooLong = await runMachine(singleTask({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Only' }] }), {}, () =>
      text(256 * 1024 + 2),
    );
    expect(fits.execution.status).toBe('SUCCEEDED');
    expect(tooLong.execution.error).toBe('States.DataLimitExceeded');
  });
});

describe('the context object', () => {
  const show = (path: string, fields: object = {}) => pass({ Parameters: { 'x.$': path }, ...fields });
  const machine = 'arn:aws:states:us-east-1:111122223333:stateMachine:trial';
  it.each<[path: string, value: unknown]>([
    ['$$.Execution.Id', 'arn:aws:states:us-east-1:111122223333:execution:trial:one'],
    ['$$.Execution.Name', 'one'],
    ['$$.Execution.Input.a', 1],
    ['$$.Execution.RoleArn', 'arn:aws:iam::111122223333:role/trial'],
    ['$$.Execution.StartTime', new Date(START).toISOString()],
    ['$$.Execution.RedriveCount', 0],
    ['$$.State.Name', 'Only'],
    ['$$.State.EnteredTime', new Date(START).toISOString()],
    ['$$.State.RetryCount', 0],
    ['$$.StateMachine.Id', machine],
    ['$$.StateMachine.Name', 'trial'],
  ])('%s', async (path, value) => {
    expect(outcome(await runMachine(show(path), { a: 1 }))).toEqual({ x: value });
  });

  it('has no task token unless a task waits for one', async () => {
    const run = await runMachine(show('$$.Task.Token'));
    expect(run.execution.error).toBe('States.Runtime');
  });

  it('has the time of the entry into the state as EnteredTime', async () => {
    const run = await runMachine({
      StartAt: 'Wait',
      States: {
        Wait: { Type: 'Wait', Seconds: 60, Next: 'Show' },
        Show: { ...show('$$.State.EnteredTime').States.Only },
      },
    });
    expect(outcome(run)).toEqual({ x: new Date(START + 60_000).toISOString() });
  });

  it('has the number of retries as RetryCount', async () => {
    const run = await runMachine(
      singleTask({ Parameters: { 'n.$': '$$.State.RetryCount' }, Retry: [{ ErrorEquals: ['States.ALL'] }] }),
      {},
      ({ n }) => (n < 2 ? failTask('Busy') : n),
    );
    expect(run.work.map(({ parameters }) => parameters)).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }]);
  });
});
