import type { Kernel } from '../../kernel/kernel.ts';

type MoveListener = (account: string) => void;

const listeners = new WeakMap<Kernel, MoveListener[]>();

export function onAccountMove(kernel: Kernel, listener: MoveListener): void {
  listeners.set(kernel, [...(listeners.get(kernel) ?? []), listener]);
}

export function announceMove(kernel: Kernel, account: string): void {
  for (const listener of listeners.get(kernel) ?? []) listener(account);
}
