import type { Kernel } from '../../sandbox/kernel/kernel.ts';
import { limitInstances } from '../../sandbox/runtime/pool.ts';

/** Enough that no instance ends to make room for another while findings arrive. */
const MAX_INSTANCES = 48;
/**
 * Two instances of one function keep two processors busy. Each further one is compiled and warmed up again: with three,
 * 200 findings take two fifths more processor time.
 */
const MAX_INSTANCES_OF_ONE_FUNCTION = 2;

/** Limits the function instances that a sandbox keeps. */
export const limitFunctionInstances = (kernel: Kernel, instances = MAX_INSTANCES): void =>
  limitInstances(kernel, instances, MAX_INSTANCES_OF_ONE_FUNCTION);
