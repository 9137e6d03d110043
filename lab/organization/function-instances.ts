import type { Kernel } from '../../sandbox/kernel/kernel.ts';
import { limitInstances } from '../../sandbox/runtime/pool.ts';

/** So many that no instance ends to make room for another while findings arrive. */
const MAX_INSTANCES = 48;
/**
 * Two instances of one function keep two processors busy. Each further one must be compiled and warmed up: with three,
 * 200 findings take two fifths more processor time.
 */
const MAX_INSTANCES_OF_ONE_FUNCTION = 2;

export const limitFunctionInstances = (kernel: Kernel, ofOneFunction = MAX_INSTANCES_OF_ONE_FUNCTION): void =>
  limitInstances(kernel, MAX_INSTANCES, ofOneFunction);
