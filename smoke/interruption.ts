import { setTimeout as sleep } from 'node:timers/promises';
import { Interrupted } from '../cli/errors/interrupted.ts';

const MESSAGE = 'Interrupted.';

/** Ctrl-C: the run ends at its next pause, and removes what it created. A second one ends the process at once. */
export class Interruption {
  readonly #controller = new AbortController();

  static bySignals(): Interruption {
    const interruption = new Interruption();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interruption.signal());
    return interruption;
  }

  signal(): void {
    if (this.#controller.signal.aborted) {
      console.error('Ended without removing everything. Run again with --clean-up.');
      process.exit(130);
    }
    console.error('Removing what the run created. Ctrl-C again ends at once and leaves it.');
    this.#controller.abort();
  }

  /** @throws Interrupted */
  async pause(milliseconds: number): Promise<void> {
    const { signal } = this.#controller;
    if (signal.aborted) throw new Interrupted(MESSAGE);
    if (milliseconds === 0) return;
    await sleep(milliseconds, undefined, { signal }).catch(() => {
      throw new Interrupted(MESSAGE);
    });
  }
}
