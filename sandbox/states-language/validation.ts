/** Parses a definition with the checks that AWS makes when it creates a state machine. */
import type { Catcher, Machine, State, StateGroup } from './definition.ts';
import { machineSchema } from './definition.ts';
import { compileIntrinsic, isIntrinsic } from './intrinsics.ts';
import { isObject, type Json } from './json.ts';
import { compilePath, isReferencePath } from './paths.ts';
import { parseResource } from './resources.ts';

const LONGEST_STATE_NAME = 80;
const KNOWN = new Map<string, Machine>();

export class DefinitionError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join(', '));
    this.problems = problems;
  }
}

/** @throws DefinitionError with every problem */
export function parseDefinition(definition: string): Machine {
  const parsed = KNOWN.get(definition);
  if (parsed) return parsed;
  const machine = parseMachine(definition);
  const problems = [...checkStates(machine, ''), ...checkUnique(machine)];
  if (problems.length > 0) throw new DefinitionError(problems);
  KNOWN.set(definition, machine);
  return machine;
}

function parseMachine(definition: string): Machine {
  let document: unknown;
  try {
    document = JSON.parse(definition);
  } catch (error) {
    throw new DefinitionError([`INVALID_JSON_DESCRIPTION: ${(error as Error).message}`]);
  }
  const result = machineSchema.safeParse(document);
  if (result.success) return result.data;
  const { issues } = result.error;
  const problems = issues.filter((issue) => !isMissing(issue)).map((issue) => ({ ...issue, where: issue.path }));
  throw new DefinitionError(
    [...missingFields(issues.filter(isMissing)), ...problems].map(
      ({ message, where }) => `SCHEMA_VALIDATION_FAILED: ${message} at /${where.join('/')}`,
    ),
  );
}

type Issue = { readonly message: string; readonly path: readonly PropertyKey[] };

const isMissing = ({ message }: Issue): boolean => message.endsWith('received undefined');

/** Step Functions names the missing fields of one object together. */
const missingFields = (issues: readonly Issue[]) =>
  [...Map.groupBy(issues, ({ path }) => path.slice(0, -1).join('/')).values()].map((group) => ({
    message: `These fields are required: [${group.map(({ path }) => String(path.at(-1))).join(', ')}]`,
    where: group[0]!.path.slice(0, -1),
  }));

export const itemProcessorOf = (state: Extract<State, { Type: 'Map' }>): StateGroup | undefined =>
  state.ItemProcessor ?? state.Iterator;

function* checkStates(machine: StateGroup, at: string): Generator<string> {
  if (!machine.States[machine.StartAt]) yield missing('StartAt', machine.StartAt, `${at}/StartAt`);
  for (const [name, state] of Object.entries(machine.States)) {
    const where = `${at}/States/${name}`;
    if (name.length > LONGEST_STATE_NAME) yield `SCHEMA_VALIDATION_FAILED: State name is too long at ${where}`;
    for (const [field, target] of targets(state)) {
      if (!machine.States[target]) yield missing(field, target, `${where}/${field}`);
    }
    yield* checkOne(state, where);
    yield* checkExpressions(withoutNested(state), where);
    for (const [field, nested] of nestedStates(state)) yield* checkStates(nested, `${where}/${field}`);
  }
}

const missing = (field: string, target: string, where: string) =>
  `MISSING_TRANSITION_TARGET: Missing '${field}' target: ${target} at ${where}`;

function* targets(state: State): Generator<[string, string]> {
  if ('Next' in state && state.Next !== undefined) yield ['Next', state.Next];
  if (state.Type === 'Choice') {
    if (state.Default !== undefined) yield ['Default', state.Default];
    for (const [index, rule] of state.Choices.entries()) yield [`Choices[${index}]/Next`, rule.Next ?? ''];
  }
  const catchers: readonly Catcher[] = ('Catch' in state && state.Catch) || [];
  for (const [index, catcher] of catchers.entries()) yield [`Catch[${index}]/Next`, catcher.Next];
}

function* checkOne(state: State, where: string): Generator<string> {
  const problem = (text: string) => `SCHEMA_VALIDATION_FAILED: ${text} at ${where}`;
  if (!['Choice', 'Succeed', 'Fail'].includes(state.Type)) {
    const { Next, End } = state as { Next?: string; End?: boolean };
    if ((Next === undefined) !== (End === true)) yield problem('exactly one of Next and End is required');
  }
  if (state.Type === 'Wait' && count(state, ['Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath']) !== 1) {
    yield problem('exactly one of Seconds, SecondsPath, Timestamp and TimestampPath is required');
  }
  if (state.Type === 'Map' && count(state, ['ItemProcessor', 'Iterator']) !== 1) {
    yield problem('exactly one of ItemProcessor and Iterator is required');
  }
  if (state.Type === 'Map' && state.Iterator === undefined && state.Parameters !== undefined) {
    yield problem("'Parameters' belongs to 'Iterator'; use 'ItemSelector'");
  }
  if (state.Type === 'Task') {
    const resource = parseResource(state.Resource);
    if (resource.kind === 'unknown') yield problem(`the resource '${state.Resource}' is not modelled`);
    if (state.HeartbeatSeconds !== undefined && state.HeartbeatSeconds >= (state.TimeoutSeconds ?? Infinity)) {
      yield problem('HeartbeatSeconds must be smaller than TimeoutSeconds');
    }
  }
  for (const field of FIELDS_WITH_PATH_FORM) {
    if (count(state, [field, `${field}Path`]) > 1) yield problem(`${field} and ${field}Path exclude each other`);
  }
}

const FIELDS_WITH_PATH_FORM = [
  'TimeoutSeconds',
  'HeartbeatSeconds',
  'Error',
  'Cause',
  'MaxConcurrency',
  'ToleratedFailureCount',
];
const count = (state: State, fields: readonly string[]) => fields.filter((field) => field in state).length;

const TEMPLATES = new Set(['Parameters', 'ResultSelector', 'ItemSelector']);

/** Inside a template, only fields that end in `.$` contain paths and intrinsic functions. */
function* checkExpressions(value: unknown, where: string, template = false): Generator<string> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* checkExpressions(item, `${where}[${index}]`, template);
  }
  if (!isObject(value)) return;
  for (const [key, item] of Object.entries(value)) {
    const at = `${where}/${key}`;
    if (template && `${key}.$` in value) yield duplicate(key, at);
    const isExpression = template ? key.endsWith('.$') : key.endsWith('Path') || key === 'Variable';
    if (isExpression) yield* checkExpression(key, item, at);
    else if (key !== 'Result') yield* checkExpressions(item, at, template || TEMPLATES.has(key));
  }
}

const duplicate = (key: string, where: string) =>
  `SCHEMA_VALIDATION_FAILED: The fields '${key}' and '${key}.$' are the same field at ${where}`;

function* checkExpression(key: string, value: Json, where: string): Generator<string> {
  const problem = (text: string) => `SCHEMA_VALIDATION_FAILED: ${text} at ${where}`;
  if (value === null && key.endsWith('Path')) return;
  if (typeof value !== 'string') {
    yield problem(`The value for the field '${key}' must be a valid JSONPath or a valid intrinsic function call`);
    return;
  }
  try {
    if (isIntrinsic(value)) compileIntrinsic(value);
    else compilePath(value);
    if (key === 'ResultPath' && !isReferencePath(value)) yield problem('Value is not a Reference Path');
  } catch (error) {
    yield problem((error as Error).message);
  }
}

const NESTED = new Set(['Branches', 'ItemProcessor', 'Iterator']);
const withoutNested = (state: State) => Object.fromEntries(Object.entries(state).filter(([key]) => !NESTED.has(key)));

function* nestedStates(state: State): Generator<[string, StateGroup]> {
  if (state.Type === 'Parallel') {
    for (const [index, branch] of state.Branches.entries()) yield [`Branches[${index}]`, branch];
  }
  if (state.Type !== 'Map') return;
  const processor = itemProcessorOf(state);
  if (processor) yield [state.ItemProcessor ? 'ItemProcessor' : 'Iterator', processor];
}

/** State names must be unique within the machine, branches included. */
function checkUnique(machine: StateGroup): string[] {
  const names = [...allNames(machine)];
  return names
    .filter((name, index) => names.indexOf(name) !== index)
    .map((name) => `DUPLICATE_STATE_NAME: Duplicate State name: ${name}`);
}

function* allNames(machine: StateGroup): Generator<string> {
  for (const [name, state] of Object.entries(machine.States)) {
    yield name;
    for (const [, nested] of nestedStates(state)) yield* allNames(nested);
  }
}
