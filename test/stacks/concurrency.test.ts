import { describe, expect, it } from 'vitest';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { parseContext } from '../../stacks/context.ts';
import { FULL_CONTEXT, resourcesOf, SAMPLE_CONTEXT, synthesizeTemplates } from './templates.ts';

const TWO = REMEDIATIONS.slice(0, 2);
const synthesized = (reservedConcurrency?: object) => {
  const context = parseContext({ ...FULL_CONTEXT, ...(reservedConcurrency && { reservedConcurrency }) });
  return [...synthesizeTemplates(TWO, context).templates.values()];
};
const all = (templates: ReturnType<typeof synthesized>, type: string) =>
  templates.flatMap((template) => resourcesOf(template, type)).map(({ Properties }) => Properties);

describe('concurrency', () => {
  it('is not reserved by default', () => {
    const functions = all(synthesized(), 'AWS::Lambda::Function');
    expect(functions.length).toBeGreaterThan(10);
    for (const each of functions) expect(each).not.toHaveProperty('ReservedConcurrentExecutions');
  });

  it('is reserved for the functions that the context names, in every account', () => {
    const remediation = `suture-remediation-${TWO[0]!.id.replaceAll('/', '-')}`;
    const functions = all(synthesized({ 'suture-proxy': 20, [remediation]: 5 }), 'AWS::Lambda::Function');
    expect(
      functions
        .filter(({ ReservedConcurrentExecutions }) => ReservedConcurrentExecutions !== undefined)
        .map(({ FunctionName, ReservedConcurrentExecutions }) => [FunctionName, ReservedConcurrentExecutions])
        .sort(),
    ).toEqual([
      ['suture-proxy', 20],
      [remediation, 5],
    ]);
  });

  it('cannot be reserved for a function that does not exist', () => {
    const context = parseContext({ ...SAMPLE_CONTEXT, reservedConcurrency: { 'suture-prox': 2 } });
    expect(() => synthesizeTemplates(TWO, context)).toThrow(
      'context.suture.reservedConcurrency.suture-prox: no such function; expected a name such as suture-proxy',
    );
  });

  it('of a queue is limited to 2, so that a quota of 10 leaves room for the workflow', () => {
    const mappings = all(synthesized(), 'AWS::Lambda::EventSourceMapping');
    const queues = mappings.filter(({ StartingPosition }) => StartingPosition === undefined);
    expect(queues.map(({ ScalingConfig }) => ScalingConfig)).toEqual(queues.map(() => ({ MaximumConcurrency: 2 })));
    expect(queues.length).toBe(3);
    // A stream has one shard, of which Lambda processes one batch at a time.
    const streams = mappings.filter((each) => !queues.includes(each));
    expect(streams.map(({ ParallelizationFactor }) => ParallelizationFactor)).toEqual([1]);
  });
});
