/** Findings as people have them: events or findings, as one JSON document, an array, or one after another. */

import { UsageError } from '../errors/usage-error.ts';
import { asffProblems, ocsfProduct } from './asff-problems.ts';
import { documentTexts, type LocatedText } from './json-documents.ts';
import { jsonOrUndefined } from './json-or-undefined.ts';
import { jsonProblem } from './json-place.ts';
import { formatOfObject, formatOfText } from './other-formats.ts';

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
export const parseFindings = (text: string, name: string): EventOrFinding[] =>
  locatedEntries(text, name).map(({ entry }) => entry);

/** @throws UsageError as `parseFindings` does, and for findings that are not in ASFF, with what is wrong with each */
export function parseAsffFindings(text: string, name: string): EventOrFinding[] {
  const entries = locatedEntries(text, name);
  const problems = entries.flatMap(({ entry, where }) =>
    entry.kind === 'finding' ? problemOf(entry.finding, where) : eventProblems(entry.event, where),
  );
  if (problems.length === 0) return entries.map(({ entry }) => entry);
  const more = problems.length > MAX_PROBLEMS ? [`… and ${problems.length - MAX_PROBLEMS} more like that.`] : [];
  throw new UsageError([...problems.slice(0, MAX_PROBLEMS), ...more, ASFF_ADVICE].join('\n'));
}

const MAX_PROBLEMS = 5;
const ASFF_ADVICE = `To get findings in this format:
  aws securityhub get-findings --max-items 50 > findings.json`;

function problemOf(finding: unknown, where: string): string[] {
  const product = ocsfProduct(finding);
  if (product !== undefined)
    return [`${where} is a finding of ${product} in OCSF. Give it findings of Security Hub's own controls, in ASFF.`];
  const problems = asffProblems(finding);
  if (problems.length === 0) return [];
  return [[`${where} is not a finding of Security Hub (ASFF):`, ...problems.map((line) => `  ${line}`)].join('\n')];
}

/** The pipeline itself answers OCSF in the event of the newer Security Hub. */
function eventProblems({ detail }: EventLike, where: string): string[] {
  const { findings } = detail;
  return findings.flatMap((finding, n) => {
    if (ocsfProduct(finding) !== undefined) return [];
    return problemOf(finding, `${where}, detail.findings[${n}]`);
  });
}

type LocatedEntry = { readonly entry: EventOrFinding; readonly where: string };

function locatedEntries(text: string, name: string): LocatedEntry[] {
  if (text.trim() === '') throw new UsageError(`${name} is empty. ${EXPECTED_INPUT}`);
  const values = documentsIn(text.replace(/^\uFEFF/, ''), name);
  if (values.length === 0) throw new UsageError(`${name} holds no finding: its list is empty. ${EXPECTED_INPUT}`);
  return values.map(({ value, at }) => ({ entry: entryOf(value, `${name}${at}`), where: `${name}${at}` }));
}

const EXPECTED_INPUT =
  'Give it an event, a finding (ASFF), an array of them, one a line, or {"Findings": […]} as aws securityhub get-findings prints it.';

/** `at` locates the value in the file: `:3` is a line, `[2]` an element. */
type LocatedValue = { readonly value: unknown; readonly at: string };

function documentsIn(text: string, name: string): LocatedValue[] {
  try {
    return elements(JSON.parse(text), '');
  } catch (documentError) {
    const format = formatOfText(text);
    if (format) throw new UsageError(`${name} is not JSON. ${format} ${EXPECTED_INPUT}`);
    return (
      sequenceIn(text)?.flatMap(({ text, line }) => elements(parsedLine(text, name, line), `:${line}`)) ??
      refuse(jsonProblem(name, text, documentError))
    );
  }
}

/** Returns undefined for one document with a mistake: a sequence has more than one, and the first is JSON. */
function sequenceIn(text: string): LocatedText[] | undefined {
  const lines = text.split('\n').map((line, n) => ({ text: line.trim(), line: n + 1 }));
  const nonEmpty = lines.filter(({ text }) => text !== '');
  if (nonEmpty.length > 1 && jsonOrUndefined(nonEmpty[0]!.text) !== undefined && !hasSeveral(nonEmpty)) return nonEmpty;
  const documents = documentTexts(text);
  return documents && documents.length > 1 && jsonOrUndefined(documents[0]!.text) !== undefined ? documents : undefined;
}

const hasSeveral = (lines: readonly LocatedText[]): boolean =>
  lines.some(({ text }) => (documentTexts(text)?.length ?? 1) > 1);

function parsedLine(text: string, name: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${name}:${line} is not JSON: ${(error as Error).message}`);
  }
}

function refuse(message: string): never {
  throw new UsageError(message);
}

/**
 * Accepts an array; `Findings` as `aws securityhub get-findings` prints them; `findings`, the `detail` of an event; or a
 * single value.
 */
function elements(value: unknown, at: string): LocatedValue[] {
  const list = isObject(value) ? [value.Findings, value.findings].find(Array.isArray) : value;
  if (Array.isArray(list)) return list.map((each, n) => ({ value: each, at: `${at}[${n}]` }));
  return [{ value, at }];
}

/** A finding, in ASFF or OCSF, has at least one of these members. */
const FINDING_MEMBERS = ['Id', 'AwsAccountId', 'SchemaVersion', 'Resources', 'ProductArn', 'finding_info', 'class_uid'];

function entryOf(value: unknown, where: string): EventOrFinding {
  const inputError = (but: string) =>
    new UsageError(`${where} is neither an event nor a finding: ${but}. ${EXPECTED_INPUT}`);
  if (!isObject(value)) throw inputError(value === null ? 'it is null' : `it is ${typeName(value)}`);
  if (isObject(value.detail)) {
    const { findings } = value.detail;
    if (!Array.isArray(findings)) throw inputError(`it is ${eventName(value)} without detail.findings`);
    if (findings.length === 0) throw inputError('detail.findings is empty');
    return { kind: 'event', event: value as EventLike };
  }
  if (FINDING_MEMBERS.some((member) => Object.hasOwn(value, member))) return { kind: 'finding', finding: value };
  const members = Object.keys(value).slice(0, 5).join(', ') || 'no members';
  throw inputError(formatOfObject(value) ?? `it has ${members}`);
}

const eventName = ({ source, 'detail-type': type }: Json): string =>
  typeof source === 'string' && typeof type === 'string' ? `an event "${type}" of ${source}` : 'an event';

const typeName = (value: unknown) => (Array.isArray(value) ? 'an array' : `a ${typeof value}`);

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
