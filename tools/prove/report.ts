import type { LawResult } from '../../lab/laws/prove.ts';

type PrintLine = (line: string) => void;

export class LawReport {
  readonly #scenarios: readonly string[];
  readonly #print: PrintLine;
  readonly #startedMs = performance.now();
  #group: LawResult[] = [];
  #groupStartedMs = performance.now();
  #scenario: string | undefined;
  #broken = 0;
  /** The law and the scenario with which each message was printed. */
  readonly #printed = new Map<string, { readonly law: string; readonly scenario: string | undefined }>();

  constructor(remediation: string, scenarios: readonly string[], print: PrintLine) {
    this.#scenarios = scenarios;
    this.#print = print;
    print(`${remediation}: ${count(scenarios.length, 'scenario')}`);
  }

  /** Prints the previous group if the result starts another one. */
  add(result: LawResult): void {
    const last = this.#group.at(-1);
    if (last && (last.group !== result.group || last.scenario !== result.scenario)) this.#printGroup();
    if (result.scenario !== undefined && result.scenario !== this.#scenario) this.#printScenario(result.scenario);
    this.#group.push(result);
  }

  /** Returns whether every law holds. */
  finish(): boolean {
    this.#printGroup();
    const seconds = secondsSince(this.#startedMs);
    if (this.#broken > 0) this.#print(`✗ ${count(this.#broken, 'broken law')} (${seconds})`);
    else this.#print(`✓ Every law holds in ${count(this.#scenarios.length, 'scenario')} (${seconds})`);
    return this.#broken === 0;
  }

  #printScenario(scenario: string): void {
    this.#scenario = scenario;
    this.#print(`[${this.#scenarios.indexOf(scenario) + 1}/${this.#scenarios.length}] ${scenario}`);
  }

  #printGroup(): void {
    const [first] = this.#group;
    if (!first) return;
    const broken = this.#group.filter(({ outcome }) => outcome === 'broken');
    const skipped = this.#group.filter(({ outcome }) => outcome === 'skipped');
    const facts = [count(this.#group.length, 'law'), secondsSince(this.#groupStartedMs)];
    if (skipped.length > 0) facts.splice(1, 0, `${skipped.map(({ law }) => law).join(', ')} skipped`);
    this.#print(`  ${broken.length > 0 ? '✗' : '✓'} ${first.group} (${facts.join(', ')})`);
    for (const result of broken) this.#printBroken(result);
    this.#broken += broken.length;
    this.#group = [];
    this.#groupStartedMs = performance.now();
  }

  /** Prints each message once, because one cause breaks most laws of most scenarios. */
  #printBroken({ law, title, because = '', scenario }: LawResult): void {
    const first = this.#printed.get(because);
    if (first) {
      const number = this.#scenarios.indexOf(first.scenario ?? '') + 1;
      const place = first.scenario === scenario || number === 0 ? '' : ` of [${number}/${this.#scenarios.length}]`;
      this.#print(`    ✗ ${law}: as ${first.law}${place}`);
      return;
    }
    this.#printed.set(because, { law, scenario });
    this.#print(`    ✗ ${law}: ${title}`);
    for (const line of because.split('\n')) this.#print(`      ${line}`);
  }
}

const count = (n: number, thing: string) => `${n} ${thing}${n === 1 ? '' : 's'}`;
const secondsSince = (startMs: number) => `${((performance.now() - startMs) / 1000).toFixed(1)} s`;
