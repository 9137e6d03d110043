/**
 * The input that a target receives for an event: Input, InputPath or InputTransformer.
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
type RuleName = { readonly arn: string; readonly name: string };

export function targetInput(target: TargetInput, event: BusEvent, rule: RuleName, ingestedAt: number): string {
  if (target.Input !== undefined) return target.Input;
  if (target.InputPath !== undefined) return JSON.stringify(valueAt(event, target.InputPath) ?? null);
  if (target.InputTransformer) return transformInput(target.InputTransformer, event, rule, ingestedAt);
  return JSON.stringify(event);
}

/**
 * @throws AwsError ValidationException for a path outside EventBridge's subset of JSONPath, or for two kinds of input
 * at once
 */
export function checkTargetInput(target: TargetInput & { Id?: string | undefined }): void {
  const kinds = [target.Input, target.InputPath, target.InputTransformer].filter((kind) => kind !== undefined);
  if (kinds.length > 1)
    throw new AwsError(
      'ValidationException',
      `Only one of Input, InputPath, or InputTransformer must be provided for target ${target.Id}.`,
    );
  if (target.Input !== undefined && !isJson(target.Input))
    throw new AwsError('ValidationException', `JSON text is not valid for target ${target.Id}.`);
  const paths = [target.InputPath, ...Object.values(target.InputTransformer?.InputPathsMap ?? {})];
  for (const path of paths) if (path !== undefined) pathSteps(path);
  checkPlaceholders(target);
}

const PREDEFINED = new Set([
  'aws.events.rule-arn',
  'aws.events.rule-name',
  'aws.events.event.ingestion-time',
  'aws.events.event',
  'aws.events.event.json',
]);

function checkPlaceholders({ Id, InputTransformer }: TargetInput & { Id?: string | undefined }): void {
  const { InputTemplate = '', InputPathsMap = {} } = InputTransformer ?? {};
  for (const [, name = ''] of InputTemplate.matchAll(/<(.*?)>/g)) {
    if (name in InputPathsMap || PREDEFINED.has(name)) continue;
    throw new AwsError('ValidationException', `InputTemplate for target ${Id} contains invalid placeholder ${name}.`);
  }
}

function transformInput(transformer: InputTransformer, event: BusEvent, rule: RuleName, ingestedAt: number): string {
  const values: Record<string, unknown> = {
    'aws.events.rule-arn': rule.arn,
    'aws.events.rule-name': rule.name,
    'aws.events.event.ingestion-time': new Date(ingestedAt).toISOString(),
    'aws.events.event': withoutDetail(event),
    'aws.events.event.json': event,
  };
  for (const [name, path] of Object.entries(transformer.InputPathsMap ?? {})) values[name] = valueAt(event, path);
  return fillTemplate(transformer.InputTemplate ?? '', values);
}

/**
 * Inside quotes, a value becomes part of the string, elsewhere JSON. Objects and arrays lose their quotes in a template
 * that is one string. A value that the event lacks becomes an empty string.
 */
function fillTemplate(template: string, values: Readonly<Record<string, unknown>>): string {
  const isOneString = template.trimStart().startsWith('"');
  let quoted = false;
  return template.replace(/\\.|"|<([\w.-]+)>/g, (match, name: string | undefined) => {
    if (match === '"') quoted = !quoted;
    if (name === undefined || !(name in values)) return match;
    const value = values[name];
    if (value === undefined) return quoted ? '' : '""';
    if (!quoted) return JSON.stringify(value);
    if (isOneString && typeof value === 'object') return JSON.stringify(value).replaceAll(/\\?"/g, '');
    return JSON.stringify(typeof value === 'string' ? value : JSON.stringify(value)).slice(1, -1);
  });
}

export function valueAt(event: unknown, path: string): unknown {
  return pathSteps(path).reduce<unknown>((value, step) => {
    if (typeof value !== 'object' || value === null) return undefined;
    if (step === '*') return Array.isArray(value) ? value : undefined;
    return (value as Record<string, unknown>)[step];
  }, event);
}

function pathSteps(path: string): string[] {
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
