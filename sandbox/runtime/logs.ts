/** What the functions of a sandbox wrote. */
import type { Kernel } from '../kernel/kernel.ts';

export type LogLine = {
  /** Milliseconds since 1970, by the sandbox's clock. */
  readonly at: number;
  readonly functionName: string;
  readonly account: string;
  readonly line: string;
};

const lines = new WeakMap<Kernel, LogLine[]>();

/** Every line of every function, oldest first. */
export const logs = (kernel: Kernel): LogLine[] => {
  const known = lines.get(kernel);
  if (known) return known;
  const made: LogLine[] = [];
  lines.set(kernel, made);
  return made;
};
