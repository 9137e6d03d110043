import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FINAL, RETRIED } from '../../functions/contract/errors.ts';
import { choiceMatches } from '../../sandbox/states-language/choice.ts';

type Retrier = {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds: number;
  readonly MaxDelaySeconds: number;
  readonly MaxAttempts: number;
  readonly JitterStrategy?: string;
};
type State = {
  readonly Type: string;
  readonly Choices?: readonly Rule[];
  readonly Default?: string;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[] }[];
};
type Rule = {
  readonly Variable?: string;
  readonly IsPresent?: boolean;
  readonly And?: readonly Rule[];
  readonly Or?: readonly Rule[];
};
type Definition = { readonly States: Readonly<Record<string, State>> };
type Validated = { readonly isValid: boolean; errorsText(): string };

// This project's compiler settings do not accept the package's type declarations.
const validate: (definition: unknown) => Validated = createRequire(import.meta.url)('asl-validator');
const definitionIn = (name: string): Definition => {
  const file = new URL(`../../statemachines/${name}.asl.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8').replaceAll('${Partition}', 'aws'));
};
const DEFINITION = definitionIn('remediate-finding');
const APPROVAL = definitionIn('await-approval');
const STATES = [...Object.entries(DEFINITION.States), ...Object.entries(APPROVAL.States)];
const TASKS = STATES.filter(([, { Type }]) => Type === 'Task');

const retriedBy = ({ Retry }: State) => new Set(Retry!.flatMap(({ ErrorEquals }) => ErrorEquals));

describe('the definition', () => {
  it.each([DEFINITION, APPROVAL])('is valid in the States Language', (definition) => {
    const { isValid, errorsText } = validate(structuredClone(definition));
    expect(isValid ? '' : errorsText()).toBe('');
  });
  it('is refused by the validator if it is wrong', () => {
    expect(validate({ ...DEFINITION, StartAt: 'Nowhere' }).isValid).toBe(false);
  });
  it('contains placeholders instead of ARNs and URLs', () => {
    expect(JSON.stringify([DEFINITION, APPROVAL])).not.toMatch(/arn:aws-|https?:/);
  });
  it('puts the task token of an approval into the ledger alone', () => {
    const withToken = (states: Definition['States']) =>
      Object.entries(states).flatMap(([name, state]) => (JSON.stringify(state).includes('Task.Token') ? [name] : []));
    expect(withToken(DEFINITION.States)).toEqual(['Archive']);
    expect(withToken(APPROVAL.States)).toEqual(['AwaitAnswer']);
  });
});

describe('failures', () => {
  it('fail the execution in their own state: only an unanswered approval is caught', () => {
    expect(STATES.filter(([, { Type }]) => Type === 'Fail')).toEqual([]);
    const caught = STATES.flatMap(([name, { Catch }]) => Catch?.map(({ ErrorEquals }) => [name, ...ErrorEquals]) ?? []);
    expect(caught).toEqual([['AwaitAnswer', 'States.Timeout']]);
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

describe('a choice', () => {
  const CHOICES = STATES.filter(([, { Type }]) => Type === 'Choice');

  /**
   * Returns variables that a rule compares although they may be absent, which fails an execution with States.Runtime.
   */
  const unguarded = ({ Variable, IsPresent, And = [], Or = [] }: Rule, present: readonly string[] = []): string[] => {
    const known = [...present, ...And.flatMap((part) => (part.IsPresent === true ? part.Variable! : []))];
    const own = Variable !== undefined && IsPresent === undefined && !present.includes(Variable) ? [Variable] : [];
    return [...own, ...[...And, ...Or].flatMap((part) => unguarded(part, known))];
  };

  it.each(CHOICES)('%s compares only what is present, and has a default', (_, { Choices, Default }) => {
    expect(Choices!.flatMap((rule) => unguarded(rule))).toEqual([]);
    expect(DEFINITION.States[Default!]!.Type).toBe('Task');
  });
  it('that compares an absent variable is found', () => {
    expect(unguarded({ Variable: '$.a' })).toEqual(['$.a']);
    expect(unguarded({ And: [{ Variable: '$.a', IsPresent: true }, { Variable: '$.b' }] })).toEqual(['$.b']);
  });
  it.each(CHOICES)('%s decides about any input', (_, { Choices }) => {
    const names = [
      'route',
      'work',
      'mode',
      'approvalSeconds',
      'result',
      'kind',
      'until',
      'awaits',
      'ask',
      'id',
      'approval',
      'approved',
    ];
    const values = fc.oneof(fc.jsonValue(), fc.constantFrom('plan', 'archive', 'split', 'deferred', true, 1));
    const { input } = fc.letrec<{ input: unknown }>((tie) => ({
      input: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        values,
        fc.dictionary(fc.constantFrom(...names), tie('input')),
      ),
    }));
    fc.assert(
      fc.property(input, (root) => {
        for (const rule of Choices!) choiceMatches(rule as never, { data: root, context: {} } as never);
      }),
      { numRuns: 500 },
    );
  });
});
