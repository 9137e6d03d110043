/**
 * Every Choice state of every deployed definition, with input of any form: the execution goes on to a task, whose
 * function refuses by name, or succeeds. States.Runtime would be neither caught nor redriven.
 */
import { describe, expect, it } from 'vitest';
import { Job } from '../../functions/domain/job.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { failTask, runMachine } from '../sandbox/states-language/runs.ts';
import { FULL_CONTEXT, resourcesOf, synthesizeTemplates } from '../stacks/templates.ts';

type Rule = {
  readonly Variable?: string;
  readonly And?: readonly Rule[];
  readonly Or?: readonly Rule[];
  readonly Not?: Rule;
  readonly [operator: string]: unknown;
};
type Definition = { readonly StartAt: string; readonly States: Readonly<Record<string, any>> };
type Input = Readonly<Record<string, unknown>>;

const DEFINITIONS = [...synthesizeTemplates(REMEDIATIONS, FULL_CONTEXT).templates.values()]
  .flatMap((template) => resourcesOf(template, 'AWS::StepFunctions::StateMachine'))
  .map(({ Properties: { StateMachineName, DefinitionString, DefinitionSubstitutions } }) => {
    const filled = DefinitionString.replace(/\$\{(\w+)\}/g, (_: string, name: string) =>
      typeof DefinitionSubstitutions[name] === 'string' ? DefinitionSubstitutions[name] : 'deployed',
    );
    return [StateMachineName, JSON.parse(filled)] as const;
  });
const CHOICES = DEFINITIONS.flatMap(([machine, definition]) =>
  Object.entries<any>(definition.States)
    .filter(([, { Type }]) => Type === 'Choice')
    .map(([name, state]) => ({ machine, name, definition, rules: state.Choices as Rule[] })),
);

/** Returns tests without And and Or. Of an Or, each part makes a list of its own. */
function testsOf(rule: Rule): Rule[][] {
  if (rule.And)
    return rule.And.map(testsOf).reduce<Rule[][]>(
      (lists, parts) => lists.flatMap((list) => parts.map((part) => [...list, ...part])),
      [[]],
    );
  if (rule.Or) return rule.Or.flatMap(testsOf);
  return rule.Not ? testsOf(rule.Not) : [[rule]];
}
const stepsOf = (path: string): string[] =>
  path
    .replace(/^\$\.?/, '')
    .split('.')
    .filter(Boolean);

function withValue(input: unknown, [step, ...rest]: readonly string[], value: unknown): unknown {
  if (step === undefined) return value;
  const object = typeof input === 'object' && input !== null && !Array.isArray(input) ? (input as Input) : {};
  return { ...object, [step]: withValue(object[step], rest, value) };
}
function without(input: unknown, [step, ...rest]: readonly string[]): unknown {
  const { [step!]: value, ...others } = input as Input;
  return rest.length === 0 ? others : { ...others, [step!]: without(value, rest) };
}

/** Returns a value that passes a test. */
function passing({ Variable: _, Next: __, ...operator }: Rule): unknown {
  const [[name, operand]] = Object.entries(operator) as [[string, unknown]];
  if (name === 'IsTimestamp') return '2026-11-22T10:00:00Z';
  if (name === 'NumericGreaterThan') return (operand as number) + 1;
  return operand;
}
function satisfying(tests: readonly Rule[]): unknown {
  const ordered = tests.toSorted((a, b) => Number('IsPresent' in b) - Number('IsPresent' in a));
  return ordered.reduce<unknown>((input, test) => withValue(input, stepsOf(test.Variable!), passing(test)), {});
}

const VALUES = [null, true, false, 0, -1, 7, 'text', '', '2026-99-99', '2026-11-22T10:00:00Z', [], ['a'], {}, { a: 1 }];

/** Each satisfying input with one variable, or an object around it, of another type or absent. */
function inputsOf(rules: readonly Rule[]): unknown[] {
  return [
    ...VALUES,
    ...rules.flatMap(testsOf).flatMap((tests) => {
      const input = satisfying(tests);
      const paths = tests.flatMap(({ Variable }) => stepsOf(Variable!).map((_, n, steps) => steps.slice(0, n + 1)));
      const unique = [...new Map(paths.map((path) => [path.join('.'), path])).values()];
      return [
        input,
        ...unique.flatMap((path) => [without(input, path), ...VALUES.map((value) => withValue(input, path, value))]),
      ];
    }),
  ];
}

const RAN = 'RefusedByItsFunction';
async function endOf(definition: Definition, StartAt: string, input: unknown): Promise<string> {
  const { execution } = await runMachine({ ...definition, StartAt }, input, () => failTask(RAN));
  return execution.status === 'FAILED' ? execution.error! : execution.status;
}

/** Returns the name of the state to which a Choice leads. */
async function stateAfter(definition: Definition, StartAt: string, input: unknown): Promise<string | undefined> {
  const { execution } = await runMachine({ ...definition, StartAt }, input, () => failTask(RAN));
  return execution.history.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? [])[1];
}

describe.each(CHOICES)('$name of $machine', ({ name, definition, rules }) => {
  it('leads to a task or a success, whatever its input is', { timeout: 60_000 }, async () => {
    const inputs = inputsOf(rules);
    expect(inputs.length).toBeGreaterThan(VALUES.length * 2);
    const ends = await Promise.all(inputs.map(async (input) => [await endOf(definition, name, input), input] as const));
    expect(ends.filter(([end]) => end !== RAN && end !== 'SUCCEEDED')).toEqual([]);
  });

  it('routes an unknown value to the report, which changes nothing in an account', async () => {
    expect(definition.States[name].Default).toBe('Report');
    for (const input of VALUES) expect([input, await stateAfter(definition, name, input)]).toEqual([input, 'Report']);
  });

  it('is shown to fail if one of its tests is not behind IsPresent', async () => {
    const [[test]] = rules.flatMap(testsOf).map((tests) => tests.filter((each) => !('IsPresent' in each))) as [[Rule]];
    const unguarded = [{ ...(test ?? { Variable: '$.a', IsNull: true }), Next: definition.States[name].Default }];
    const States = { ...definition.States, [name]: { ...definition.States[name], Choices: unguarded } };
    const ends = await Promise.all(inputsOf(unguarded).map((input) => endOf({ ...definition, States }, name, input)));
    expect(ends).toContain('States.Runtime');
  });
});

it.each(['true', 1, null, [true], { approved: true }])('an answer that says %j is a denial', async (approved) => {
  const { definition } = CHOICES.find(({ name }) => name === 'Answer')!;
  expect(await stateAfter(definition, 'Answer', { approval: { approved } })).toBe('Report');
});

it('the definitions have Choice states', () => {
  expect(CHOICES.map(({ name }) => name)).toEqual(expect.arrayContaining(['Route', 'Outcome', 'Answer']));
});

/** A Choice state cannot tell whole numbers, which a task's timeout must be. Each function before it parses the job. */
it.each([1.5, 0, '7'])('a job whose approvals have %j seconds is refused by its function', (approvalSeconds) => {
  const work = {
    remediation: 'ec2/close-admin-ports',
    version: 1,
    risk: 'safe',
    mode: 'plan',
    policy: { mode: 'approve', tags: {} },
    approvalSeconds: 7,
    target: {},
    params: {},
    lease: 'l',
  };
  const job = {
    v: 3,
    execution: 'e',
    started: 's',
    route: 'approve',
    reason: 'r',
    finding: { id: 'f', productArn: 'p' },
  };
  expect(Job.safeParse({ ...job, work }).success).toBe(true);
  expect(Job.safeParse({ ...job, work: { ...work, approvalSeconds } }).success).toBe(false);
});
