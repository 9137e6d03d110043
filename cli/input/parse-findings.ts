/** Findings as people have them: events or findings, as one JSON document, an array, or one on each line. */

import { UsageError } from '../errors/usage-error.ts';
import { jsonOrUndefined } from './json-or-undefined.ts';
import { jsonProblem } from './json-place.ts';

type Json = Readonly<Record<string, unknown>>;
export type EventLike = Json & { readonly detail: Json & { readonly findings: readonly unknown[] } };
export type EventOrFinding =
  | { readonly kind: 'event'; readonly event: EventLike }
  | { readonly kind: 'finding'; readonly finding: Json };

/**
 * Accepts malformed findings, about which the pipeline decides, if they are recognizable as findings.
 * @param name the file's name, for messages
 * @throws UsageError naming the place of anything else
 */
export function parseFindings(text: string, name: string): EventOrFinding[] {
  if (text.trim() === '') throw new UsageError(`${name} is empty. ${EXPECTED_INPUT}`);
  const values = documentsIn(text.replace(/^\uFEFF/, ''), name);
  if (values.length === 0) throw new UsageError(`${name} holds no finding. ${EXPECTED_INPUT}`);
  return values.map(({ value, at }) => entryOf(value, `${name}${at}`));
}

const EXPECTED_INPUT =
  'Give it an event, a finding (ASFF), an array of them, one a line, or {"Findings": […]} as aws securityhub get-findings prints it.';

/** `at` locates the value in the file: `:3` is a line, `[2]` an element. */
type LocatedValue = { readonly value: unknown; readonly at: string };

function documentsIn(text: string, name: string): LocatedValue[] {
  try {
    return elements(JSON.parse(text));
  } catch (documentError) {
    const lines = text.split('\n').map((line, n) => ({ line: line.trim(), number: n + 1 }));
    const nonEmpty = lines.filter(({ line }) => line !== '');
    // If the first line is a JSON document, the text is JSON lines; else it is one document over several lines.
    if (nonEmpty.length < 2 || jsonOrUndefined(nonEmpty[0]!.line) === undefined)
      throw new UsageError(jsonProblem(name, text, documentError));
    return nonEmpty.map(({ line, number }) => {
      try {
        return { value: JSON.parse(line), at: `:${number}` };
      } catch (error) {
        throw new UsageError(`${name}:${number} is not JSON: ${(error as Error).message}`);
      }
    });
  }
}

/** Accepts an array, `Findings` as `aws securityhub get-findings` prints them, or a single value. */
function elements(value: unknown): LocatedValue[] {
  const list = isObject(value) && Array.isArray(value.Findings) ? value.Findings : value;
  return Array.isArray(list) ? list.map((each, n) => ({ value: each, at: `[${n}]` })) : [{ value: list, at: '' }];
}

/** A finding, in ASFF or OCSF, has at least one of these members. */
const FINDING_MEMBERS = ['Id', 'AwsAccountId', 'SchemaVersion', 'Resources', 'finding_info'];

function entryOf(value: unknown, where: string): EventOrFinding {
  const inputError = (but: string) =>
    new UsageError(`${where} is neither an event nor a finding: ${but}. ${EXPECTED_INPUT}`);
  if (!isObject(value)) throw inputError(value === null ? 'it is null' : `it is ${typeName(value)}`);
  if (isObject(value.detail)) {
    const { findings } = value.detail;
    if (!Array.isArray(findings)) throw inputError('it is an event without detail.findings');
    if (findings.length === 0) throw inputError('detail.findings is empty');
    return { kind: 'event', event: value as EventLike };
  }
  if (FINDING_MEMBERS.some((member) => Object.hasOwn(value, member))) return { kind: 'finding', finding: value };
  throw inputError(`it has ${Object.keys(value).slice(0, 5).join(', ') || 'no members'}`);
}

const typeName = (value: unknown) => (Array.isArray(value) ? 'an array' : `a ${typeof value}`);

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
