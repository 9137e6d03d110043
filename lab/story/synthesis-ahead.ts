/** The synthesis runs in a process of its own. Begun first, it takes place while this process loads the sandbox. */
import { type Assembly, assembly } from '../../stacks/assembly.ts';

export type SynthesisAhead = {
  readonly synthesized: Promise<Assembly>;
  /**
   * Resolves when the synthesis runs. Load the sandbox only then: loading blocks this process, so nothing could begin.
   */
  readonly begun: Promise<unknown>;
  /** Prints a step to standard error, with the seconds since the beginning. */
  readonly progress: (step: string) => void;
};

export function synthesizeAhead(): SynthesisAhead {
  const print = timedProgress();
  const { promise: firstStep, resolve } = Promise.withResolvers<void>();
  const progress = (step: string): void => {
    print(step);
    resolve();
  };
  const synthesized = assembly({ progress: (step) => progress(`synthesizing: ${step}`) });
  // A failure reaches the caller that awaits it; until then it is not an unhandled rejection.
  const begun = Promise.race([firstStep, synthesized]).catch(() => {});
  return { synthesized, begun, progress };
}

function timedProgress(): (line: string) => void {
  const started = performance.now();
  return (line) => console.error(`${((performance.now() - started) / 1000).toFixed(1).padStart(5)} s  ${line}`);
}
