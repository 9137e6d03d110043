/** The log lines of the functions of a sandbox. */
import type { Kernel } from '../kernel/kernel.ts';

export type LogLine = {
  /** Milliseconds since 1970, by the sandbox's clock. */
  readonly at: number;
  readonly functionName: string;
  readonly account: string;
  readonly line: string;
};

const linesByKernel = new WeakMap<Kernel, LogLine[]>();

/** Returns every line of every function, oldest first. */
export const functionLogs = (kernel: Kernel): LogLine[] => {
  const known = linesByKernel.get(kernel);
  if (known) return known;
  const lines: LogLine[] = [];
  linesByKernel.set(kernel, lines);
  return lines;
};
