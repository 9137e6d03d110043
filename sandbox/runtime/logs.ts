import type { Kernel } from '../kernel/kernel.ts';

export type LogLine = {
  readonly at: number;
  readonly functionName: string;
  readonly account: string;
  readonly line: string;
};

const linesByKernel = new WeakMap<Kernel, LogLine[]>();

export const functionLogs = (kernel: Kernel): LogLine[] => {
  const known = linesByKernel.get(kernel);
  if (known) return known;
  const lines: LogLine[] = [];
  linesByKernel.set(kernel, lines);
  return lines;
};
