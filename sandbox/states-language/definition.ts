/**
 * The schema of state machine definitions.
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
 * Unknown fields are errors, as with AWS. JSONata, variables and the distributed Map are not modelled.
 */
import * as z from 'zod';
import { COMPARISONS, TYPE_TESTS, timestamp } from './comparisons.ts';
import type { Json } from './json.ts';

const LONGEST_WAIT_SECONDS = 99_999_999;

const json = z.json() as unknown as z.ZodType<Json>;
const path = z.string().regex(/^\$/, "must be a JSONPath, which begins with '$'");
const expression = z.string().regex(/^(\$|States\.)/, 'must be a JSONPath or an intrinsic function');
const seconds = z.int().min(1).max(LONGEST_WAIT_SECONDS);
const errorNames = z
  .array(z.string())
  .min(1)
  .refine((names) => names.length === 1 || !names.includes('States.ALL'), 'States.ALL must stand alone');

const retrier = z.strictObject({
  ErrorEquals: errorNames,
  IntervalSeconds: seconds.optional(),
  MaxAttempts: z.int().min(0).max(LONGEST_WAIT_SECONDS).optional(),
  BackoffRate: z.number().min(1).optional(),
  MaxDelaySeconds: z.int().min(1).max(31_622_400).optional(),
  JitterStrategy: z.enum(['FULL', 'NONE']).optional(),
  Comment: z.string().optional(),
});
export type Retrier = z.infer<typeof retrier>;

const catcher = z.strictObject({
  ErrorEquals: errorNames,
  Next: z.string(),
  ResultPath: path.nullable().optional(),
  Comment: z.string().optional(),
});
export type Catcher = z.infer<typeof catcher>;

const lastAlone = (handlers: readonly { ErrorEquals: readonly string[] }[]) =>
  handlers.slice(0, -1).every((handler) => !handler.ErrorEquals.includes('States.ALL'));
const retriers = z.array(retrier).refine(lastAlone, 'States.ALL must come last').optional();
const catchers = z.array(catcher).refine(lastAlone, 'States.ALL must come last').optional();

export type ChoiceRule = {
  readonly And?: readonly ChoiceRule[];
  readonly Or?: readonly ChoiceRule[];
  readonly Not?: ChoiceRule;
  readonly Variable?: string;
  readonly Next?: string;
  readonly [operator: string]: unknown;
};

const time = z.string().refine((text) => timestamp(text) !== null, 'must be an RFC 3339 time');
const operand = (operator: string) => {
  if (operator.endsWith('Path')) return path;
  if (operator.startsWith('Numeric')) return z.number();
  if (operator.startsWith('Timestamp')) return time;
  return operator.startsWith('Is') || operator.startsWith('Boolean') ? z.boolean() : z.string();
};
const OPERATORS = [
  ...Object.keys(COMPARISONS).flatMap((comparison) => [comparison, `${comparison}Path`]),
  ...Object.keys(TYPE_TESTS),
  'IsPresent',
  'StringMatches',
];
const choiceRule: z.ZodType<ChoiceRule> = z.lazy(() =>
  z
    .strictObject({
      And: z.array(choiceRule).min(1).optional(),
      Or: z.array(choiceRule).min(1).optional(),
      Not: choiceRule.optional(),
      Variable: path.optional(),
      Next: z.string().optional(),
      Comment: z.string().optional(),
      ...Object.fromEntries(OPERATORS.map((operator) => [operator, operand(operator).optional()])),
    })
    .refine(isOneRule, 'must be And, Or, Not, or a Variable with exactly one operator'),
);

function isOneRule(rule: object): boolean {
  const operators = Object.keys(rule).filter((key) => !['Variable', 'Next', 'Comment'].includes(key));
  if (operators.length !== 1) return false;
  return 'Variable' in rule !== ['And', 'Or', 'Not'].includes(operators[0]!);
}

const commonFields = { Comment: z.string().optional(), QueryLanguage: z.literal('JSONPath').optional() };
const inOut = { ...commonFields, InputPath: path.nullable().optional(), OutputPath: path.nullable().optional() };
const transition = { Next: z.string().optional(), End: z.boolean().optional() };
const resultFields = { ...inOut, ...transition, Parameters: json.optional(), ResultPath: path.nullable().optional() };
const errorHandling = { ...resultFields, ResultSelector: json.optional(), Retry: retriers, Catch: catchers };

const task = z.strictObject({
  ...errorHandling,
  Type: z.literal('Task'),
  Resource: z.string(),
  TimeoutSeconds: seconds.optional(),
  TimeoutSecondsPath: path.optional(),
  HeartbeatSeconds: seconds.optional(),
  HeartbeatSecondsPath: path.optional(),
});
const pass = z.strictObject({ ...resultFields, Type: z.literal('Pass'), Result: json.optional() });
const wait = z.strictObject({
  ...inOut,
  ...transition,
  Type: z.literal('Wait'),
  Seconds: z.int().min(0).max(LONGEST_WAIT_SECONDS).optional(),
  SecondsPath: path.optional(),
  Timestamp: time.optional(),
  TimestampPath: path.optional(),
});
const choice = z.strictObject({
  ...inOut,
  Type: z.literal('Choice'),
  Choices: z.array(choiceRule).min(1),
  Default: z.string().optional(),
});
const succeed = z.strictObject({ ...inOut, Type: z.literal('Succeed') });
const fail = z.strictObject({
  ...commonFields,
  Type: z.literal('Fail'),
  Error: z.string().optional(),
  ErrorPath: expression.optional(),
  Cause: z.string().optional(),
  CausePath: expression.optional(),
});

/** The machine itself, a branch of a Parallel state, or the item processor of a Map state. */
export type StateGroup = { readonly StartAt: string; readonly States: Readonly<Record<string, State>> };

const parallelBase = z.strictObject({ ...errorHandling, Type: z.literal('Parallel') });
const mapBase = z.strictObject({
  ...errorHandling,
  Type: z.literal('Map'),
  ItemsPath: path.optional(),
  ItemSelector: json.optional(),
  MaxConcurrency: z.int().min(0).optional(),
  MaxConcurrencyPath: path.optional(),
  ToleratedFailureCount: z.int().min(0).optional(),
  ToleratedFailureCountPath: path.optional(),
  ToleratedFailurePercentage: z.number().min(0).max(100).optional(),
  ToleratedFailurePercentagePath: path.optional(),
});

export type Task = z.infer<typeof task>;
export type Pass = z.infer<typeof pass>;
export type Wait = z.infer<typeof wait>;
export type Choice = z.infer<typeof choice>;
export type Succeed = z.infer<typeof succeed>;
export type Fail = z.infer<typeof fail>;
export type Parallel = z.infer<typeof parallelBase> & { readonly Branches: readonly StateGroup[] };
export type MapState = z.infer<typeof mapBase> & {
  readonly ItemProcessor?: StateGroup;
  /** The deprecated name of ItemProcessor; with it, Parameters replaces ItemSelector. */
  readonly Iterator?: StateGroup;
};
export type State = Task | Pass | Wait | Choice | Succeed | Fail | Parallel | MapState;

const statesFields = {
  StartAt: z.string(),
  States: z.record(
    z.string(),
    z.lazy(() => state),
  ),
  Comment: z.string().optional(),
};
const branch = z.strictObject(statesFields);
const itemProcessor = z.strictObject({
  ...statesFields,
  ProcessorConfig: z.strictObject({ Mode: z.literal('INLINE').optional() }).optional(),
});
const parallel = parallelBase.extend({ Branches: z.array(branch).min(1) });
const map = mapBase.extend({ ItemProcessor: itemProcessor.optional(), Iterator: itemProcessor.optional() });
const state: z.ZodType<State> = z.discriminatedUnion('Type', [task, pass, wait, choice, succeed, fail, parallel, map]);

export const machineSchema = z.strictObject({
  ...statesFields,
  Version: z.literal('1.0').optional(),
  TimeoutSeconds: seconds.optional(),
  QueryLanguage: z.literal('JSONPath').optional(),
});
export type Machine = z.infer<typeof machineSchema>;
