/**
 * What a rule makes of an event before its target gets it: Input, InputPath or InputTransformer.
 * Source: "Amazon EventBridge input transformation", EventBridge user guide.
 */
import type { InputTransformer } from '@aws-sdk/client-eventbridge';
import { AwsError } from '../../kernel/kernel.ts';
import type { BusEvent } from './event.ts';

export type TargetInput = {
  readonly Input?: string | undefined;
  readonly InputPath?: string | undefined;
  readonly InputTransformer?: InputTransformer | undefined;
};
type Rule = { readonly arn: string; readonly name: string };

/** The text that a target receives for an event. */
export function targetInput(target: TargetInput, event: BusEvent, rule: Rule, ingestedAt: number): string {
  if (target.Input !== undefined) return target.Input;
  if (target.InputPath !== undefined) return JSON.stringify(valueAt(event, target.InputPath) ?? null);
  if (target.InputTransformer) return transformed(target.InputTransformer, event, rule, ingestedAt);
  return JSON.stringify(event);
}

/** Refuses paths outside the subset of JSONPath that EventBridge takes, and two ways of input at once. */
export function checkInput(target: TargetInput & { Id?: string | undefined }): void {
  const given = [target.Input, target.InputPath, target.InputTransformer].filter((one) => one !== undefined);
  if (given.length > 1)
    throw new AwsError(
      'ValidationException',
      `Only one of Input, InputPath, or InputTransformer must be provided for target ${target.Id}.`,
    );
  if (target.Input !== undefined && !isJson(target.Input))
    throw new AwsError('ValidationException', `JSON text is not valid for target ${target.Id}.`);
  const paths = [target.InputPath, ...Object.values(target.InputTransformer?.InputPathsMap ?? {})];
  for (const path of paths) if (path !== undefined) steps(path);
}

function transformed(transformer: InputTransformer, event: BusEvent, rule: Rule, ingestedAt: number): string {
  const values: Record<string, unknown> = {
    'aws.events.rule-arn': rule.arn,
    'aws.events.rule-name': rule.name,
    'aws.events.event.ingestion-time': new Date(ingestedAt).toISOString(),
    'aws.events.event': withoutDetail(event),
    'aws.events.event.json': event,
  };
  for (const [name, path] of Object.entries(transformer.InputPathsMap ?? {})) values[name] = valueAt(event, path);
  return fill(transformer.InputTemplate ?? '', values);
}

/** Inside quotes a variable becomes text of that string; outside, JSON. What the event does not have leaves nothing. */
function fill(template: string, values: Readonly<Record<string, unknown>>): string {
  let quoted = false;
  return template.replace(/\\.|"|<([\w.-]+)>/g, (match, name: string | undefined) => {
    if (match === '"') quoted = !quoted;
    if (name === undefined || !(name in values)) return match;
    const value = values[name];
    if (value === undefined) return quoted ? '' : '""';
    if (!quoted) return JSON.stringify(value);
    return JSON.stringify(typeof value === 'string' ? value : JSON.stringify(value)).slice(1, -1);
  });
}

/** The value at `$.a.b[0]`; undefined where the event has none. */
export function valueAt(event: unknown, path: string): unknown {
  return steps(path).reduce<unknown>((value, step) => {
    if (typeof value !== 'object' || value === null) return undefined;
    if (step === '*') return Array.isArray(value) ? value : undefined;
    return (value as Record<string, unknown>)[step];
  }, event);
}

function steps(path: string): string[] {
  if (!/^\$(\.[\w-]+|\[\d+\]|\[\*\])*$/.test(path))
    throw new AwsError(
      'ValidationException',
      `Input path ${path} is not valid: only dot notation, [index] and [*] are supported.`,
    );
  return [...path.matchAll(/\.([\w-]+)|\[(\d+|\*)\]/g)].map((match) => match[1] ?? match[2]!);
}

const withoutDetail = ({ detail: _, ...event }: BusEvent): object => event;

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
