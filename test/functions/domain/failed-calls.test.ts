import { expect, it } from 'vitest';
import { SutureError } from '../../../functions/contract/errors.ts';
import { callsInTrace, callsOf, rememberCalls, withCalls } from '../../../functions/domain/failed-calls.ts';

const CALLS = [{ call: 'STS AssumeRole' }, { call: 'EC2 X', requestId: 'r', error: 'Denied\nand more' }];
/** As Lambda's runtime returns it. */
const traceOf = (error: unknown) => (error as Error).stack!.split('\n');

it('the trace of an error brings the calls along, and nothing else of it changes', () => {
  const error = new SutureError('RollbackFailed', 'it failed');
  expect(callsInTrace(traceOf(withCalls(error, CALLS)))).toEqual(CALLS);
  expect([error.name, error.message]).toEqual(['RollbackFailed', 'it failed']);
});
it('a line of the message is not taken for the calls', () => {
  const forged = new Error(`x\nSuture calls: ${JSON.stringify(CALLS)}\n`);
  expect(callsInTrace(traceOf(forged))).toEqual(CALLS);
  expect(callsInTrace(traceOf(withCalls(forged, [])))).toEqual([]);
});
it('the last forty calls are kept, the refused one among them', () => {
  const many = Array.from({ length: 100 }, (_, n) => ({ call: `EC2 ${n}` }));
  expect(callsInTrace(traceOf(withCalls(new Error('x'), many))).map(({ call }) => call)).toEqual(
    many.slice(60).map(({ call }) => call),
  );
});
it.each([
  undefined,
  'Suture calls: []',
  ['Error: x', '    at y'],
  ['Suture calls: {'],
  ['Suture calls: [{"call":7}]'],
  [`Suture calls: ${JSON.stringify([{ call: 'x'.repeat(20_000) }])}`],
])('a trace without valid calls has none: %j', (trace) => {
  expect(callsInTrace(trace)).toEqual([]);
});
it('an error that another one caused has the calls too', () => {
  const error = rememberCalls(new Error('x'), CALLS);
  expect(callsOf(new SutureError('MemberRoleOutdated', 'y', { cause: error }))).toEqual(CALLS);
  expect(callsOf(new Error('z'))).toEqual([]);
});
