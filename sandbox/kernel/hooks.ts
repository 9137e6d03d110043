/** Hooks let the kernel and the engines call services without importing them. */
import type { Hooks, Kernel } from './service.ts';

const merged = new WeakMap<Kernel, Partial<Hooks>>();

/** @throws Error naming the hook if no service registered it */
export function hook<K extends keyof Hooks>(kernel: Kernel, name: K): Hooks[K] {
  const found = hooksOf(kernel)[name];
  if (!found) throw new Error(`No service of this sandbox has the hook "${name}"`);
  return found;
}

function hooksOf(kernel: Kernel): Partial<Hooks> {
  const known = merged.get(kernel);
  if (known) return known;
  const hooks: Partial<Hooks> = Object.assign({}, ...(kernel.services ?? []).map((service) => service.hooks));
  merged.set(kernel, hooks);
  return hooks;
}
