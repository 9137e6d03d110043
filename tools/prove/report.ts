/** The output of `npm run prove`: each law once, with its cases, and each cause that breaks laws once. */
import { countText } from '../../cli/output/count-text.ts';
import { wrapHanging } from '../../cli/output/paragraphs.ts';
import { colour, table } from '../../cli/output/terminal.ts';
import type { LawResult } from '../../lab/laws/prove.ts';

export type LawReportOptions = {
  readonly print: (line: string) => void;
  /** Shows the scenario that is being proven, in place of the one before; undefined: none any more. */
  readonly progress?: (step: string | undefined) => void;
  readonly width: number;
  /** Also lists the scenarios. */
  readonly verbose?: boolean;
};

export class LawReport {
  readonly #scenarios: readonly string[];
  readonly #options: LawReportOptions;
  readonly #startedMs = performance.now();
  readonly #results: LawResult[] = [];
  /** The law and the scenario with which each cause was printed. */
  readonly #causes = new Map<string, LawResult>();

  constructor(
    { id, controls }: { readonly id: string; readonly controls: readonly string[] },
    scenarios: readonly string[],
    options: LawReportOptions,
  ) {
    this.#scenarios = scenarios;
    this.#options = options;
    this.#print(`${id} closes ${controls.join(', ')}`, 2);
    this.#print(`${countText(scenarios.length, 'scenario')}\n`, 2);
  }

  /** Prints a cause at once, unless another law or scenario has it already. */
  add(result: LawResult): void {
    const { scenario, law, title, because = '' } = result;
    if (scenario !== this.#results.at(-1)?.scenario) this.#options.progress?.(this.#stepOf(scenario));
    this.#results.push(result);
    if (result.outcome !== 'broken' || this.#causes.has(because)) return;
    this.#causes.set(because, result);
    this.#options.progress?.(undefined);
    this.#print(`${colour('red', '✗')} ${law}: ${title}`, 4);
    if (scenario !== undefined) this.#print(`  in the scenario "${scenario}"`, 4);
    for (const line of because.split('\n')) this.#options.print(`    ${line}`);
    this.#options.print('');
  }

  /** Returns whether every law holds. */
  finish(): boolean {
    this.#options.progress?.(undefined);
    const laws = [...Map.groupBy(this.#results, ({ law }) => law).values()];
    const rows = laws.map((results) => [markOf(results), results[0]!.law, casesText(results), this.#textOf(results)]);
    this.#options.print(table(['', 'LAW', 'CASES', 'WHAT IT PROVES'], rows, this.#options.width));
    if (this.#options.verbose) this.#printScenarios();
    this.#options.print(`\n${this.#total(laws)}`);
    return laws.every((results) => !isBroken(results));
  }

  #total(laws: readonly LawResult[][]): string {
    const broken = laws.filter(isBroken).length;
    const time = `(${((performance.now() - this.#startedMs) / 1000).toFixed(1)} s)`;
    if (broken > 0) return `${colour('red', '✗')} ${broken} of ${countText(laws.length, 'law')} broken ${time}`;
    const cases = this.#results.reduce((sum, result) => sum + (result.cases ?? 0), 0);
    return `${colour('green', '✓')} All ${laws.length} laws hold: ${countText(cases, 'case')} in ${countText(this.#scenarios.length, 'scenario')} ${time}`;
  }

  #textOf(results: readonly LawResult[]): string {
    const { title } = results[0]!;
    const broken = results.filter(({ outcome }) => outcome === 'broken');
    const skips = [...Map.groupBy(results, ({ outcome, because }) => (outcome === 'skipped' ? because : undefined))];
    const skipped = skips.flatMap(([because, { length }]) =>
      because === undefined ? [] : [`; skipped in ${length} of ${this.#scenarios.length} scenarios: ${because}`],
    );
    return title + (broken.length > 0 ? this.#brokenText(broken) : '') + skipped.join('');
  }

  #brokenText(broken: readonly LawResult[]): string {
    const count =
      broken[0]!.scenario === undefined ? '' : ` in ${broken.length} of ${this.#scenarios.length} scenarios`;
    const others = new Set(
      broken.flatMap((result) => {
        const { law } = this.#causes.get(result.because ?? '')!;
        return law === result.law ? [] : [law];
      }),
    );
    return `; broken${count}${others.size > 0 ? `, as ${[...others].join(' and ')}` : ''}`;
  }

  #printScenarios(): void {
    this.#options.print('\nThe scenarios:');
    for (const [n, scenario] of this.#scenarios.entries()) this.#print(`${String(n + 1).padStart(4)}  ${scenario}`, 6);
  }

  #stepOf(scenario: string | undefined): string | undefined {
    if (scenario === undefined) return undefined;
    return `scenario ${this.#scenarios.indexOf(scenario) + 1} of ${this.#scenarios.length}: ${scenario}`;
  }

  #print(text: string, indent: number): void {
    this.#options.print(wrapHanging(text, indent, this.#options.width));
  }
}

const isBroken = (results: readonly LawResult[]): boolean => results.some(({ outcome }) => outcome === 'broken');

function markOf(results: readonly LawResult[]): string {
  if (isBroken(results)) return '✗';
  return results.every(({ outcome }) => outcome === 'skipped') ? '–' : '✓';
}

const casesText = (results: readonly LawResult[]): string =>
  String(results.reduce((sum, { cases = 0 }) => sum + cases, 0)).padStart('CASES'.length);
