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

// This project's compiler settings do not accept the package's type declarations.
const validate: (definition: unknown) => Validated = createRequire(import.meta.url)('asl-validator');
const FILE = new URL('../../statemachines/remediate-finding.asl.json', import.meta.url);
const DEFINITION: Definition = JSON.parse(readFileSync(FILE, 'utf8').replaceAll('${Partition}', 'aws'));
const STATES = Object.entries(DEFINITION.States);
const TASKS = STATES.filter(([, { Type }]) => Type === 'Task');

const retriedBy = ({ Retry }: State) => new Set(Retry!.flatMap(({ ErrorEquals }) => ErrorEquals));

describe('the definition', () => {
  it('is valid in the States Language', () => {
    const { isValid, errorsText } = validate(structuredClone(DEFINITION));
    expect(isValid ? '' : errorsText()).toBe('');
  });
  it('is refused by the validator if it is wrong', () => {
    expect(validate({ ...DEFINITION, StartAt: 'Nowhere' }).isValid).toBe(false);
  });
  it('contains placeholders instead of ARNs and URLs', () => {
    expect(JSON.stringify(DEFINITION)).not.toMatch(/arn:aws-|https?:/);
  });
});

describe('failures', () => {
  it('fail the execution in their own state: only an unanswered approval is caught', () => {
    expect(STATES.filter(([, { Type }]) => Type === 'Fail')).toEqual([]);
    const caught = STATES.flatMap(([name, { Catch }]) => Catch?.map(({ ErrorEquals }) => [name, ...ErrorEquals]) ?? []);
    expect(caught).toEqual([['AwaitApproval', 'States.Timeout']]);
  });
  it.each(TASKS)(
    'of %s are retried by name, up to 20 times, with full jitter and delays of up to five minutes',
    (_, { Retry }) => {
      for (const { ErrorEquals, JitterStrategy, MaxDelaySeconds, MaxAttempts } of Retry!) {
        expect([JitterStrategy, MaxDelaySeconds, MaxAttempts]).toEqual(['FULL', 300, 20]);
        expect(ErrorEquals.filter((name) => /^States\.(ALL|TaskFailed)$/.test(name))).toEqual([]);
      }
    },
  );
  it.each(RETRIED)('of Remediate under the name %s are retried', (name) => {
    expect(retriedBy(DEFINITION.States.Remediate!)).toContain(name);
  });
  it.each(TASKS)('of %s under a final name are not retried', (_, state) => {
    expect(FINAL.filter((name) => retriedBy(state).has(name))).toEqual([]);
  });
  it.each(TASKS.filter(([, state]) => retriedBy(state).has('Throttled')))(
    'of the function of %s are retried under each error name of Lambda',
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
