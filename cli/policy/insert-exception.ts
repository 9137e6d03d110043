/** Adds an exception to the text of a policy. Every other line, with its comments, stays as it is. Pure. */

import * as YAML from 'yaml';
import type { Exception } from '../../functions/domain/policy.ts';
import { jsonOrUndefined } from '../input/json-or-undefined.ts';

export type ExceptionList = 'exemptions' | 'suppressions';

/** The lists that follow a new one, in the order of docs/policy.md. */
const FOLLOWING: Readonly<Record<ExceptionList, readonly string[]>> = {
  suppressions: ['exemptions', 'windows', 'excludedAccounts', 'approvals', 'caps', 'breaker'],
  exemptions: ['windows', 'excludedAccounts', 'approvals', 'caps', 'breaker'],
};

/**
 * Appends `exception` to its list, or begins the list.
 * @param text a policy without syntax errors
 */
export function insertException(text: string, list: ExceptionList, exception: Exception): string {
  const document = YAML.parseDocument(text);
  const pair = YAML.isMap(document.contents) && !document.contents.flow ? pairNamed(document, list) : undefined;
  const { value } = pair ?? {};
  if (jsonOrUndefined(text) !== undefined) return insertIntoJson(text, list, exception);
  if (YAML.isSeq(value) && !value.flow) return insertItem(text, value, exception);
  if (pair && isEmpty(value)) return fillEmptyList(text, value as YAML.Node, exception);
  if (pair || !YAML.isMap(document.contents) || document.contents.flow) return addByDocument(document, list, exception);
  return insertList(text, document, list, exception);
}

type PolicyDocument = YAML.Document.Parsed;

const pairNamed = ({ contents }: PolicyDocument, name: string) =>
  (contents as YAML.YAMLMap<unknown, unknown>).items.find(({ key }) => String(key) === name);

const isEmpty = (value: unknown): boolean =>
  (YAML.isSeq(value) && value.items.length === 0) || (YAML.isScalar(value) && value.value === null);

function insertItem(text: string, list: YAML.YAMLSeq, exception: Exception): string {
  const [start] = list.range!;
  const dashColumn = start - lineStart(text, start);
  const last = list.items.at(-1) as YAML.Node;
  const at = afterComments(text, afterLine(text, last.range![1]), dashColumn);
  return insertLines(text, at, itemLines(exception, dashColumn));
}

/** Replaces `exemptions: []` or `exemptions:`. */
function fillEmptyList(text: string, value: YAML.Node, exception: Exception): string {
  const [start, end] = value.range!;
  const before = text.slice(0, start).replace(/ +$/, '');
  const without = before + text.slice(end);
  return insertLines(without, afterLine(without, before.length), itemLines(exception, INDENT));
}

function insertList(text: string, document: PolicyDocument, list: ExceptionList, exception: Exception): string {
  const lines = [`${list}:`, ...itemLines(exception, INDENT), ''];
  const [next] = FOLLOWING[list].flatMap((name) => pairNamed(document, name) ?? []);
  if (next) return insertLines(text, beforeComments(text, (next.key as YAML.Node).range![0]), lines);
  return `${text.trimEnd()}\n\n${lines.join('\n')}`;
}

/** Adds to a list in brackets by YAML's own writer, which keeps the comments but may format lines again. */
function addByDocument(document: PolicyDocument, list: ExceptionList, exception: Exception): string {
  if (document.has(list)) document.addIn([list], document.createNode(exception));
  else document.set(list, document.createNode([exception]));
  return document.toString({ lineWidth: 0 });
}

function insertIntoJson(text: string, list: ExceptionList, exception: Exception): string {
  const policy = JSON.parse(text);
  return `${JSON.stringify({ ...policy, [list]: [...(policy[list] ?? []), exception] }, null, INDENT)}\n`;
}

const INDENT = 2;

const itemLines = (exception: Exception, indent: number): string[] =>
  YAML.stringify([exception], { lineWidth: 0 })
    .trimEnd()
    .split('\n')
    .map((line) => ' '.repeat(indent) + line);

function insertLines(text: string, at: number, lines: readonly string[]): string {
  const before = text.slice(0, at);
  return `${before}${before.endsWith('\n') ? '' : '\n'}${lines.join('\n')}\n${text.slice(at)}`;
}

const lineStart = (text: string, offset: number): number => text.lastIndexOf('\n', offset - 1) + 1;

/** Returns the start of the next line, or `offset` if it is the start of a line. */
function afterLine(text: string, offset: number): number {
  if (offset > 0 && text[offset - 1] === '\n') return offset;
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end + 1;
}

/** Skips comments that are indented deeper than the list, because they belong to its last item. */
function afterComments(text: string, offset: number, column: number): number {
  const [own = ''] = new RegExp(`^(?: {${column + 1},}#[^\\n]*\\n)*`).exec(text.slice(offset)) ?? [];
  return offset + own.length;
}

/** Returns the start of the comment above a key, which belongs to the key. */
function beforeComments(text: string, offset: number): number {
  let start = lineStart(text, offset);
  while (start > 0 && text.startsWith('#', lineStart(text, start - 1))) start = lineStart(text, start - 1);
  return start;
}
