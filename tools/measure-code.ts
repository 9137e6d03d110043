/**
 * `npm run measure -- [--root DIR] [--json] [--time]` measures the code. With `--root` it measures another
 * checkout, with `--time` also the processor time of the npm scripts.
 */
import { fileURLToPath } from 'node:url';
import { importCircles } from './measure/circles.ts';
import { functionLengths } from './measure/functions.ts';
import { timeScripts } from './measure/times.ts';
import { exportedNames } from './structure/exported-names.ts';
import { importsOf } from './structure/imports.ts';
import { maskText } from './structure/mask.ts';
import { isTypeScript, readSourceFiles, type SourceFile } from './structure/source-files.ts';
import { toolOptions } from './tool-options.ts';

const MAX_FILE_LINES = 300;
const MAX_FUNCTION_LINES = 60;

export type CodeMeasurements = {
  readonly importCircles: readonly (readonly string[])[];
  readonly longFiles: readonly { readonly path: string; readonly lines: number }[];
  /** Excludes tests. `line` is that of the function's parameters. */
  readonly longFunctions: readonly { readonly path: string; readonly line: number; readonly lines: number }[];
  readonly namesDefinedTwice: readonly string[];
  readonly comments: { readonly count: number; readonly lines: number; readonly shareOfLines: number };
  readonly linesByFolder: Readonly<Record<string, number>>;
};

export function measure(sources: readonly SourceFile[]): CodeMeasurements {
  const files = sources.filter(isTypeScript);
  const lengths = files.map(({ path, text }) => ({ path, lines: lineCount(text) }));
  const functions = files
    .filter(({ path }) => !path.startsWith('test/'))
    .flatMap(({ path, text }) => functionLengths(text).map((length) => ({ path, ...length })));
  return {
    importCircles: importCircles(importsOf(files)),
    longFiles: longerThan(MAX_FILE_LINES, lengths),
    longFunctions: longerThan(MAX_FUNCTION_LINES, functions),
    namesDefinedTwice: [...exportedNames(files)]
      .filter(([name, places]) => places.length > 1 && name !== 'handler')
      .map(([name]) => name)
      .sort(),
    comments: commentFigures(files),
    linesByFolder: linesByFolder(lengths),
  };
}

const lineCount = (text: string) => text.trimEnd().split('\n').length;

const longerThan = <T extends { readonly lines: number }>(maxLines: number, all: readonly T[]): T[] =>
  all.filter(({ lines }) => lines > maxLines).toSorted((a, b) => b.lines - a.lines);

/** Counts comments, and lines that have nothing else. Neighbouring lines of `//` are one comment. */
function commentFigures(files: readonly SourceFile[]): CodeMeasurements['comments'] {
  let count = 0;
  let lines = 0;
  for (const { text } of files) {
    const masked = maskText(text, { strings: false }).split('\n');
    let previous = '';
    for (const [n, line] of text.split('\n').entries()) {
      const isComment = masked[n]!.trim() === '' && (isLineComment(line) || /^\s*(\/\*|\*)/.test(line));
      if (isComment) lines++;
      if (isComment && startsComment(line, previous)) count++;
      previous = line;
    }
  }
  const total = files.reduce((sum, { text }) => sum + lineCount(text), 0);
  return { count, lines, shareOfLines: Number((lines / Math.max(1, total)).toFixed(3)) };
}

const isLineComment = (line: string) => /^\s*\/\//.test(line);
const startsComment = (line: string, previous: string) =>
  isLineComment(line) ? !isLineComment(previous) : /^\s*\/\*/.test(line);

const linesByFolder = (lengths: readonly { readonly path: string; readonly lines: number }[]): Record<string, number> =>
  Object.fromEntries(
    [...Map.groupBy(lengths, ({ path }) => folderOf(path))]
      .map(([folder, files]): [string, number] => [folder, files.reduce((sum, { lines }) => sum + lines, 0)])
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );

/** Returns the first two folders of a path. */
const folderOf = (path: string): string =>
  path
    .split('/')
    .slice(0, 2)
    .filter((part) => !part.includes('.'))
    .join('/');

function print(figures: CodeMeasurements): void {
  const { importCircles, longFiles, longFunctions, namesDefinedTwice, comments } = figures;
  console.log(`${importCircles.length} import circles`);
  for (const circle of importCircles) console.log(`  ${circle.join(', ')}`);
  console.log(`${longFiles.length} files over ${MAX_FILE_LINES} lines`);
  for (const { path, lines } of longFiles) console.log(`  ${path}: ${lines}`);
  console.log(`${longFunctions.length} functions over ${MAX_FUNCTION_LINES} lines`);
  for (const { path, line, lines } of longFunctions) console.log(`  ${path}:${line}: ${lines}`);
  console.log(`${namesDefinedTwice.length} exported names defined more than once`);
  if (namesDefinedTwice.length > 0) console.log(`  ${namesDefinedTwice.join(', ')}`);
  const share = `${(100 * comments.shareOfLines).toFixed(1)} %`;
  console.log(`${comments.count} comments in ${comments.lines} lines (${share} of all lines)`);
  console.log('lines by folder');
  for (const [folder, lines] of Object.entries(figures.linesByFolder)) console.log(`  ${folder}: ${lines}`);
}

const USAGE = `npm run measure -- [--root <folder>] [--time] [--json]

Counts import circles, long files and functions, names, comments and lines by folder.

  --root <folder>   another checkout
  --time            also measure npm test, npm run check and npm run prove`;

function run(): void {
  const values = toolOptions(USAGE, { root: { type: 'string' }, json: { type: 'boolean' }, time: { type: 'boolean' } });
  const root = values.root ?? fileURLToPath(new URL('..', import.meta.url));
  const figures = measure(readSourceFiles(root));
  const times = values.time ? timeScripts(root) : [];
  if (values.json) {
    console.log(JSON.stringify({ ...figures, ...(values.time && { times }) }, null, 2));
    return;
  }
  print(figures);
  for (const { script, processorSeconds, passed } of times)
    console.log(`npm ${script}: ${processorSeconds.toFixed(1)} s of processor time${passed ? '' : ', failed'}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) run();
