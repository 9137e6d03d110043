/** Reads `policy.yaml` and checks it at synthesis, so that mistakes appear with their line before deployment. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import * as YAML from 'yaml';
import type { RemediationDeclaration } from '../functions/domain/declaration.ts';
import { SuturePolicy } from '../functions/domain/policy.ts';
import {
  describeProblem,
  type PolicyPath,
  type PolicyProblem,
  policyProblems,
} from '../functions/domain/policy-check.ts';
import { syntaxProblem } from './policy-syntax.ts';

type PlacedProblem = {
  /** One line: `policy.yaml:12:3: controls.EC2.133: …` */
  readonly text: string;
  /** The line of the file, with a caret below the problem. */
  readonly excerpt: string;
};

/** Its message shows each problem with its line. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
  readonly problems: readonly string[];
  constructor(file: string, problems: readonly PlacedProblem[]) {
    const shown = problems.map(({ text, excerpt }) => `${text}\n${excerpt}`);
    super(`${shown.join('\n')}\n${file} is invalid: ${problems.length} problem${problems.length === 1 ? '' : 's'}.`);
    this.problems = problems.map(({ text }) => text);
  }
}

/** @throws PolicyError with all problems, in the file's order */
export const readPolicy = (file: string, remediations: readonly RemediationDeclaration[]): SuturePolicy =>
  parsePolicy(readFileSync(file, 'utf8'), basename(file), remediations);

/**
 * Parses a policy in YAML or JSON.
 * @param file the name at the start of each message
 * @param today ISO date; expired exceptions are refused
 * @throws PolicyError with all problems, in the file's order
 */
export function parsePolicy(
  text: string,
  file: string,
  remediations: readonly RemediationDeclaration[],
  today = new Date().toISOString().slice(0, 10),
): SuturePolicy {
  const lines = new YAML.LineCounter();
  const document = YAML.parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: isSameKey });
  const placed = (offset: number, message: string): PlacedProblem => {
    const { line, col } = lines.linePos(offset);
    return { text: `${file}:${line}:${col}: ${message}`, excerpt: excerptOf(text, line, col) };
  };
  const mistake = syntaxProblem(document, text);
  if (mistake) throw new PolicyError(file, [placed(mistake.offset, mistake.message)]);
  const content = contentOf(document);
  if (content instanceof ReferenceError) throw new PolicyError(file, [placed(0, TOO_MANY_ALIASES)]);
  const problems = policyProblems(content, { remediations, today })
    .map((problem) => ({ problem, offset: offsetOf(document, problem) }))
    .toSorted((a, b) => a.offset - b.offset)
    .map(({ problem, offset }) => placed(offset, describeProblem(problem)));
  if (problems.length > 0) throw new PolicyError(file, problems);
  return SuturePolicy.parse(content);
}

/** Compares keys as JSON has them: 333333333333 and "333333333333" are one account. */
const isSameKey = (one: YAML.ParsedNode, other: YAML.ParsedNode): boolean =>
  YAML.isScalar(one) && YAML.isScalar(other) && String(one.value) === String(other.value);

const TOO_MANY_ALIASES = 'the aliases (*name) make it too large: write the values out';

/** Returns the content, or the error with which the parser stops aliases that expand to too much. */
function contentOf(document: YAML.Document.Parsed): unknown {
  try {
    return document.toJS();
  } catch (error) {
    if (error instanceof ReferenceError) return error;
    throw error;
  }
}

function excerptOf(text: string, line: number, column: number): string {
  const source = (text.split('\n')[line - 1] ?? '').replaceAll('\t', ' ');
  const number = String(line).padStart(5);
  const start =
    source.length > MAX_EXCERPT ? Math.max(0, Math.min(column - 1 - EXCERPT_BEFORE, source.length - MAX_EXCERPT)) : 0;
  const end = start + MAX_EXCERPT;
  const shown = `${start > 0 ? '…' : ''}${source.slice(start, end)}${end < source.length ? '…' : ''}`;
  const caret = ' '.repeat(column - 1 - start + (start > 0 ? 1 : 0));
  return `${number} | ${shown}\n${' '.repeat(number.length)} | ${caret}^`;
}

/** A longer line, such as a policy of one line, is cut around the problem. */
const MAX_EXCERPT = 100;
const EXCERPT_BEFORE = 30;

/** Returns the position of a problem: its value or key, or the map that lacks a key. */
function offsetOf(document: YAML.Document.Parsed, { path, key }: PolicyProblem): number {
  let node: unknown = document.contents;
  let offset = startOf(node);
  for (const [n, name] of path.entries()) {
    const found = childOf(resolveAlias(node, document), name);
    if (!found) break;
    offset = startOf(key && n === path.length - 1 ? found.key : (found.value ?? found.key)) || startOf(found.key);
    node = found.value;
  }
  return offset;
}

function childOf(
  node: unknown,
  name: PolicyPath[number],
): { readonly key: unknown; readonly value: unknown } | undefined {
  if (YAML.isSeq(node)) {
    const item = node.items[Number(name)];
    return item === undefined ? undefined : { key: item, value: item };
  }
  if (!YAML.isMap(node)) return undefined;
  return node.items.find(({ key }) => String(YAML.isScalar(key) ? key.value : key) === String(name));
}

const resolveAlias = (node: unknown, document: YAML.Document.Parsed): unknown =>
  YAML.isAlias(node) ? node.resolve(document) : node;

const startOf = (node: unknown): number => (YAML.isNode(node) ? (node.range?.[0] ?? 0) : 0);
