/** Vitest's report of a run: its progress, and each cause of failures once, with the line of this repository. */
import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import type { SerializedError } from 'vitest';
import { DefaultReporter, type TestCase, type TestModule, type TestSpecification, type Vitest } from 'vitest/node';
import { causesOf, type FailureCause, type TestFailure } from './causes.ts';

/** Between two lines of progress off a terminal. */
const PROGRESS_INTERVAL_MS = 10_000;
const MOST_DIFF_LINES = 30;
const MOST_NAMES = 5;
const MOST_SLOW = 10;

type Task = { readonly name: string; readonly parent?: unknown; readonly type: string };

export default class CauseReporter extends DefaultReporter {
  #root = '';
  #files = 0;
  #filesDone = 0;
  #testsDone = 0;
  #testsFailed = 0;
  #startedAt = 0;
  #printedAt = 0;
  #modules: readonly TestModule[] = [];

  override onInit(ctx: Vitest): void {
    super.onInit(ctx);
    this.#root = `${ctx.config.root}/`;
  }

  override onTestRunStart(specifications: readonly TestSpecification[]): void {
    super.onTestRunStart(specifications);
    this.#files = specifications.length;
    this.#startedAt = Date.now();
    this.#printedAt = this.#startedAt;
  }

  override onTestCaseResult(test: TestCase): void {
    super.onTestCaseResult(test);
    this.#testsDone += 1;
    if (test.result().state === 'failed') this.#sayFailure(test);
    this.#printProgress();
  }

  override onTestModuleEnd(module: TestModule): void {
    super.onTestModuleEnd(module);
    this.#filesDone += 1;
  }

  override onTestRunEnd(...run: Parameters<DefaultReporter['onTestRunEnd']>): void {
    this.#modules = run[0];
    super.onTestRunEnd(...run);
  }

  /** Files have no lines: their failures are among the causes. */
  protected override printTestModule(): void {}

  override reportSummary(...[files, errors]: Parameters<DefaultReporter['reportSummary']>): void {
    const failures = [...this.#modules.flatMap(failuresIn), ...(errors as SerializedError[]).map(unhandledFailure)];
    const causes = causesOf(failures, this.#root);
    for (const [n, cause] of causes.entries()) this.log(`\n${causeText(cause, n + 1, this.#root)}`);
    if (causes.length > 0) this.log(`\n${failures.length} failures, ${causes.length} causes`);
    if (this.#files > MOST_NAMES) this.log(`\nSlowest: ${this.#slowest()}`);
    this.reportTestSummary(files, errors, 0);
  }

  /** Files share a machine with others, so that their times say how they compare, not what they cost. */
  #slowest(): string {
    const times = this.#modules.map((module) => {
      const { duration, collectDuration } = module.diagnostic();
      return {
        file: module.moduleId.replace(this.#root, ''),
        seconds: Math.round((duration + collectDuration) / 1000),
      };
    });
    const slowest = times.toSorted((a, b) => b.seconds - a.seconds).slice(0, MOST_SLOW);
    return slowest.map(({ file, seconds }) => `${file} ${seconds} s`).join(', ');
  }

  /** Says the first names at once; the causes follow at the end of a run, which may take half an hour. */
  #sayFailure({ module, fullName }: TestCase): void {
    this.#testsFailed += 1;
    if (!this.isTTY && this.#testsFailed <= MOST_NAMES)
      this.log(`failed: ${module.moduleId.replace(this.#root, '')} > ${fullName}`);
  }

  /** A terminal has Vitest's own live summary. */
  #printProgress(): void {
    if (this.isTTY || Date.now() - this.#printedAt < PROGRESS_INTERVAL_MS) return;
    this.#printedAt = Date.now();
    const seconds = Math.round((this.#printedAt - this.#startedAt) / 1000);
    const failed = this.#testsFailed > 0 ? `, ${this.#testsFailed} failed` : '';
    this.log(`${seconds} s: ${this.#filesDone} of ${this.#files} files, ${this.#testsDone} tests${failed}`);
  }
}

function failuresIn(module: TestModule): TestFailure[] {
  const failures = module.errors().map((error) => failureOf({ file: module.moduleId, path: [] }, error));
  for (const suite of module.children.allSuites())
    for (const error of suite.errors())
      failures.push(failureOf({ file: module.moduleId, path: namesOf(suite) }, error));
  for (const test of module.children.allTests('failed'))
    for (const error of test.result().errors ?? [])
      failures.push(failureOf({ file: module.moduleId, path: namesOf(test) }, error));
  return failures;
}

const unhandledFailure = (error: SerializedError): TestFailure =>
  failureOf({ file: '', path: ['outside of a test'] }, error);

function failureOf(
  place: Pick<TestFailure, 'file' | 'path'>,
  error: Pick<SerializedError, 'message' | 'name' | 'stacks'> & { readonly diff?: unknown },
): TestFailure {
  const { name = 'Error', message, diff, stacks = [] } = error;
  const stack = stacks.map(({ file, line, column }) => ({ file, line, column }));
  return { ...place, error: { name, message, stack, ...(typeof diff === 'string' && { diff }) } };
}

/** Returns the names of the suites around a task, and its own. */
function namesOf(task: Task): string[] {
  const names: string[] = [];
  for (let each: Task | undefined = task; each && each.type !== 'module'; each = each.parent as Task | undefined)
    names.unshift(each.name);
  return names;
}

function causeText({ first, line, failures }: FailureCause, nth: number, root: string): string {
  const { name, message, diff } = first.error;
  const at = line && [`   at ${line.file.replace(root, '')}:${line.line}:${line.column}`, ...sourceText(line)];
  const diffLines = diff === undefined ? [] : stripVTControlCharacters(diff).split('\n').slice(0, MOST_DIFF_LINES);
  const names = failures
    .slice(0, MOST_NAMES)
    .map(({ file, path }) => `   - ${[file.replace(root, ''), ...path].join(' > ')}`);
  const left = failures.length - names.length;
  return [
    `${nth}. ${name}: ${message}`,
    ...diffLines.map((each) => `   ${each}`),
    ...(at ?? []),
    `   fails ${failures.length === 1 ? 'one test' : `${failures.length} tests`}:`,
    ...names,
    ...(left > 0 ? [`   and ${left} more`] : []),
  ].join('\n');
}

function sourceText({ file, line }: NonNullable<FailureCause['line']>): string[] {
  try {
    const text = readFileSync(file, 'utf8').split('\n')[line - 1];
    return text === undefined || line === 1 ? [] : [`      ${line} | ${text}`];
  } catch {
    // The line of a file that is gone has no text.
    return [];
  }
}
