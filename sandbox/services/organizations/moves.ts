/** Who is told when an account has joined, moved or left a unit. */
import type { Kernel } from '../../kernel/kernel.ts';

type Listener = (account: string) => void;

const listeners = new WeakMap<Kernel, Listener[]>();

export function onMove(kernel: Kernel, listener: Listener): void {
  listeners.set(kernel, [...(listeners.get(kernel) ?? []), listener]);
}

export function tellOfMove(kernel: Kernel, account: string): void {
  for (const listener of listeners.get(kernel) ?? []) listener(account);
}
