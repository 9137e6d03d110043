/** The steps of one run: sessions, calls in the member account, entries in the journal. */

export type Step = <T>(work: () => Promise<T>) => Promise<T>;

/** Counts steps, and lets the run die at one of them. */
export class Steps {
  #taken = 0;
  readonly #dieAt: number | undefined;
  readonly #death = Promise.withResolvers<undefined>();

  /** `dieAt` is the index of the step at which the run dies; 0 is the first. */
  constructor(dieAt?: number) {
    this.#dieAt = dieAt;
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
    if (this.#taken++ !== this.#dieAt) return work();
    this.#death.resolve(undefined);
    return new Promise<T>(() => {});
  }
}
