import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { FINAL, RETRIED } from '../../functions/contract/errors.ts';

type Retrier = {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds: number;
  readonly MaxDelaySeconds: number;
  readonly MaxAttempts: number;
  readonly JitterStrategy?: string;
};
type State = {
  readonly Type: string;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[] }[];
};
type Definition = { readonly States: Readonly<Record<string, State>> };
type Validated = { readonly isValid: boolean; errorsText(): string };

// Its type declarations lie beside sources that this project's compiler settings do not accept.
const validate: (definition: unknown) => Validated = createRequire(import.meta.url)('asl-validator');
const file = new URL('../../statemachines/remediate-finding.asl.json', import.meta.url);
const definition: Definition = JSON.parse(readFileSync(file, 'utf8').replaceAll('${Partition}', 'aws'));
const states = Object.entries(definition.States);
const tasks = states.filter(([, { Type }]) => Type === 'Task');

const retriedBy = ({ Retry }: State) => new Set(Retry!.flatMap(({ ErrorEquals }) => ErrorEquals));

describe('the definition', () => {
  it('is valid in the States Language', () => {
    const { isValid, errorsText } = validate(structuredClone(definition));
    expect(isValid ? '' : errorsText()).toBe('');
  });
  it('is checked by something that finds a wrong one', () => {
    expect(validate({ ...definition, StartAt: 'Nowhere' }).isValid).toBe(false);
  });
  it('names functions, queues and their like by placeholders, which the stack fills', () => {
    expect(JSON.stringify(definition)).not.toMatch(/arn:aws-|https?:/);
  });
});

describe('failures', () => {
  it('are left to fail in their state: no state is there to fail, and an unanswered approval alone is caught', () => {
    expect(states.filter(([, { Type }]) => Type === 'Fail')).toEqual([]);
    const caught = states.flatMap(([name, { Catch }]) => Catch?.map(({ ErrorEquals }) => [name, ...ErrorEquals]) ?? []);
    expect(caught).toEqual([['AwaitApproval', 'States.Timeout']]);
  });
  it.each(tasks)('of %s are retried by name, with full jitter, for five minutes at most', (_, { Retry }) => {
    for (const { ErrorEquals, JitterStrategy, MaxDelaySeconds, MaxAttempts } of Retry!) {
      expect([JitterStrategy, MaxDelaySeconds, MaxAttempts]).toEqual(['FULL', 300, 20]);
      expect(ErrorEquals.filter((name) => /^States\.(ALL|TaskFailed)$/.test(name))).toEqual([]);
    }
  });
  it.each(RETRIED)('of Remediate under the name %s are retried', (name) => {
    expect(retriedBy(definition.States.Remediate!)).toContain(name);
  });
  it.each(tasks)('of %s under a final name are not retried', (_, state) => {
    expect(FINAL.filter((name) => retriedBy(state).has(name))).toEqual([]);
  });
  it.each(tasks.filter(([, state]) => retriedBy(state).has('Throttled')))(
    'of the function of %s are retried under each name that Lambda itself gives',
    (_, state) => {
      const lambda = [
        'TooManyRequestsException',
        'ServiceException',
        'AWSLambdaException',
        'SdkClientException',
        'ClientExecutionTimeoutException',
        'Unknown',
      ];
      expect([...retriedBy(state)]).toEqual(expect.arrayContaining(lambda.map((name) => `Lambda.${name}`)));
      expect([...retriedBy(state)]).toEqual(expect.arrayContaining(['Sandbox.Timedout', 'Runtime.ExitError']));
    },
  );
});
