/** The synthesis runs in a process of its own. Begun first, it takes place while this process loads the sandbox. */
import { type Assembly, assembly } from '../../stacks/assembly.ts';

export type SynthesisAhead = {
  readonly synthesized: Promise<Assembly>;
  /** Prints a step to standard error, with the seconds since the beginning. */
  readonly progress: (step: string) => void;
};

export function synthesizeAhead(): SynthesisAhead {
  const progress = timedProgress();
  const synthesized = assembly({ progress: (step) => progress(`synthesizing: ${step}`) });
  // A failure reaches the caller that awaits it; until then it is no unhandled rejection.
  synthesized.catch(() => {});
  return { synthesized, progress };
}

function timedProgress(): (line: string) => void {
  const started = performance.now();
  return (line) => console.error(`${((performance.now() - started) / 1000).toFixed(1).padStart(5)} s  ${line}`);
}
