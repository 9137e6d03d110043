/** What `suture simulate` is given: events or bare findings, as one JSON document, an array, or a line each. */
import { UsageError } from '../../cli/errors/usage-error.ts';
import type { EventEntry, EventLike } from '../organization/events.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * The entries of a text, in its order. A finding may be malformed (what becomes of it is the pipeline's to say), but must
 * be recognizable as one.
 * @param name the file, for messages
 * @throws UsageError saying what is wrong, and where
 */
export function readEntries(text: string, name: string): EventEntry[] {
  if (text.trim() === '') throw new UsageError(`${name} is empty. ${WANTED}`);
  const values = documentsIn(text.replace(/^\uFEFF/, ''), name);
  if (values.length === 0) throw new UsageError(`${name} holds no finding. ${WANTED}`);
  return values.map(({ value, at }) => entryOf(value, `${name}${at}`));
}

const WANTED = 'Give it an event, a finding (ASFF), an array of them, or one a line.';

type Located = { readonly value: unknown; readonly at: string };

function documentsIn(text: string, name: string): Located[] {
  try {
    return elements(JSON.parse(text));
  } catch (whole) {
    const lines = text.split('\n').map((line, n) => ({ line: line.trim(), number: n + 1 }));
    const filled = lines.filter(({ line }) => line !== '');
    // A first line that is a document of its own tells lines of JSON from one document over several lines.
    if (filled.length < 2 || !isJson(filled[0]!.line))
      throw new UsageError(`${name}:${lineOf(whole as Error, text)} is not JSON: ${(whole as Error).message}`);
    return filled.map(({ line, number }) => {
      try {
        return { value: JSON.parse(line), at: `:${number}` };
      } catch (error) {
        throw new UsageError(`${name}:${number} is not JSON: ${(error as Error).message}`);
      }
    });
  }
}

/** `aws securityhub get-findings` prints its findings as the member of an object. */
function elements(value: unknown): Located[] {
  const list = isObject(value) && Array.isArray(value.Findings) ? value.Findings : value;
  return Array.isArray(list) ? list.map((each, n) => ({ value: each, at: `[${n}]` })) : [{ value: list, at: '' }];
}

/** Where the message points; the text's last line where JSON ends too early. */
function lineOf({ message }: Error, text: string): number {
  const position = Number(/position (\d+)/.exec(message)?.[1] ?? text.length);
  return text.slice(0, Math.min(position, text.trimEnd().length)).split('\n').length;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const MEMBERS_OF_A_FINDING = ['Id', 'AwsAccountId', 'SchemaVersion', 'Resources', 'finding_info'];

function entryOf(value: unknown, where: string): EventEntry {
  const neither = (but: string) => new UsageError(`${where} is neither an event nor a finding: ${but}. ${WANTED}`);
  if (!isObject(value)) throw neither(value === null ? 'it is null' : `it is ${inWords(value)}`);
  if (isObject(value.detail)) {
    const { findings } = value.detail;
    if (!Array.isArray(findings)) throw neither('it is an event without detail.findings');
    if (findings.length === 0) throw neither('detail.findings is empty');
    return { kind: 'event', event: value as EventLike };
  }
  if (MEMBERS_OF_A_FINDING.some((member) => Object.hasOwn(value, member))) return { kind: 'finding', finding: value };
  throw neither(`it has ${Object.keys(value).slice(0, 5).join(', ') || 'no members'}`);
}

const inWords = (value: unknown) => (Array.isArray(value) ? 'an array' : `a ${typeof value}`);

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
