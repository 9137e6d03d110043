/** The steps of one run: sessions, calls in the member account, entries in the journal. */

export type Step = <T>(work: () => Promise<T>) => Promise<T>;

/** Counts steps, and lets the run die at one of them. */
export class Steps {
  #taken = 0;
  readonly #dieAt: number | undefined;
  readonly #onStep: (() => void) | undefined;
  readonly #death = Promise.withResolvers<undefined>();
  readonly #underWay = new Set<Promise<unknown>>();

  /** `dieAt` is the index of the step at which the run dies; 0 is the first. `onStep` is called before each step. */
  constructor({ dieAt, onStep }: { readonly dieAt?: number; readonly onStep?: () => void } = {}) {
    this.#dieAt = dieAt;
    this.#onStep = onStep;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Resolves when the run dies. */
  get death(): Promise<undefined> {
    return this.#death.promise;
  }

  /** Does the work of a step. The step at which the run dies does nothing, and never returns. */
  take<T>(work: () => Promise<T>): Promise<T> {
    this.#onStep?.();
    if (this.#taken++ !== this.#dieAt) return this.#tracked(work());
    this.#death.resolve(undefined);
    return new Promise<T>(() => {});
  }

  /** Resolves when no step is under way, not even one for which the run does not wait. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  #tracked<T>(step: Promise<T>): Promise<T> {
    this.#underWay.add(step);
    const end = () => this.#underWay.delete(step);
    step.then(end, end);
    return step;
  }
}
