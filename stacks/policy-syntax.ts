/** Syntax errors of `policy.yaml` in words for people who never read the specification of YAML. */
import * as YAML from 'yaml';

export type SyntaxProblem = { readonly offset: number; readonly message: string };

/** Returns the first syntax error: those after it are its consequences. */
export function syntaxProblem(document: YAML.Document.Parsed, text: string): SyntaxProblem | undefined {
  const [error] = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  if (!error) return aliasProblem(document);
  const at = error.pos[0];
  if (error.code === 'DUPLICATE_KEY') return duplicateKey(document, text, at);
  if (error.code === 'BLOCK_AS_IMPLICIT_KEY') return nestedKey(text, at);
  if (error.code === 'MISSING_CHAR' && error.message.includes('quote'))
    return { offset: openQuote(text, at), message: 'this quotation mark is never closed' };
  if (error.code === 'BAD_INDENT' && error.message.startsWith('Flow'))
    return { offset: at, message: 'a bracket or brace that was opened before this line is not closed' };
  if (NO_COLON.has(error.code)) return { offset: at, message: noColonText(text, at) };
  return { offset: at, message: MESSAGES[error.code] ?? error.message };
}

const NO_COLON: ReadonlySet<YAML.ErrorCode> = new Set(['MULTILINE_IMPLICIT_KEY', 'MISSING_CHAR']);
const MESSAGES: Partial<Record<YAML.ErrorCode, string>> = {
  TAB_AS_INDENT: 'a tab indents this line: use spaces',
  BAD_INDENT: 'this line is indented differently from its neighbours',
  BAD_SCALAR_START: 'a value cannot begin with this character: put the value in quotation marks',
  BAD_DQ_ESCAPE: 'a backslash in double quotation marks begins an escape: use single quotation marks',
  BAD_ALIAS: 'the name after & or * is missing',
  UNEXPECTED_TOKEN: 'nothing may follow here: put the whole value in quotation marks, or remove the rest of the line',
  MULTIPLE_DOCS: 'the file has a second document, which begins here: remove the line ---',
  TAG_RESOLVE_FAILED: 'tags that begin with ! are not known here: put the value in quotation marks',
};

/** Proposes the line itself, if it is a key and a value. */
function noColonText(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const [line = ''] = text.slice(start).split('\n', 1);
  const [, key, value] = /^\s*(?:- )?([\w./-]+)(?::|\s)\s*([^\s:#][^:#]*?)\s*(?:#.*)?$/.exec(line) ?? [];
  return `a key on this line has no colon and space after it: write "${key ? `${key}: ${value}` : 'EC2.13: auto'}"`;
}

/** `a: b: c`, or a line that is indented deeper than the value before it. */
function nestedKey(text: string, offset: number): SyntaxProblem {
  const [line = ''] = text.slice(offset).split('\n', 1);
  const message = line.includes(': ')
    ? 'this line has two keys: put the second on a line of its own, or the value in quotation marks'
    : 'the next line is indented deeper, but this key has a value already';
  return { offset, message };
}

function duplicateKey(document: YAML.Document.Parsed, text: string, offset: number): SyntaxProblem {
  let first: number | undefined;
  let name = '';
  YAML.visit(document, {
    Map(_, { items }) {
      const second = items.find(({ key }) => startOf(key) === offset);
      if (!second) return;
      name = String(second.key);
      first = startOf(items.find(({ key }) => String(key) === name)?.key);
    },
  });
  const lineOfFirst = text.slice(0, first ?? 0).split('\n').length;
  return { offset, message: `${name} is here a second time; the first is in line ${lineOfFirst}: keep one` };
}

/** An alias without its anchor is found when the document is read, not when it is parsed. */
function aliasProblem(document: YAML.Document.Parsed): SyntaxProblem | undefined {
  let problem: SyntaxProblem | undefined;
  YAML.visit(document, {
    Alias(_, node) {
      if (node.resolve(document)) return;
      const offset = node.range?.[0] ?? 0;
      problem = {
        offset,
        message: `*${node.source} refers to an anchor &${node.source}, which is nowhere: put the value in quotation marks`,
      };
      return YAML.visit.BREAK;
    },
  });
  return problem;
}

/** A quotation mark begins a value only at the start of a line or behind one of these. */
const QUOTED = /(?<=^|[\s,[{])(?:"(?:\\.|[^"\\])*"|'(?:''|[^'])*')/g;
const OPEN_QUOTE = /(?<=^|[\s,[{])["']/;
const COMMENT = /(?<=^|\s)#.*$/;

/** Returns the offset of the first quotation mark that its line does not close, and `end` if there is none before it. */
function openQuote(text: string, end: number): number {
  let offset = 0;
  for (const line of text.slice(0, end).split('\n')) {
    const rest = line.replace(QUOTED, (quoted) => ' '.repeat(quoted.length)).replace(COMMENT, '');
    const at = rest.search(OPEN_QUOTE);
    if (at >= 0) return offset + at;
    offset += line.length + 1;
  }
  return end;
}

const startOf = (node: unknown): number | undefined => (YAML.isNode(node) ? node.range?.[0] : undefined);
