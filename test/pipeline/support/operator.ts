/** An operator of the security account at the command line, in the sandbox's time. */
import type { Surroundings } from '../../../bin/operators/operator.ts';
import type { ClientSettings } from '../../../sandbox/index.ts';
import type { Pipeline } from './pipeline.ts';

/** What a command is given instead of the environment's; lines of progress are kept. */
export function atTheDesk({ sandbox, kernel, context }: Pipeline, aws?: ClientSettings) {
  const told: string[] = [];
  return {
    told,
    aws: aws ?? sandbox.administrator(context.securityAccount),
    now: () => kernel.clock.now(),
    sleep: (milliseconds: number) => kernel.clock.sleep(milliseconds),
    progress: (line: string) => told.push(line),
    yes: true,
    json: true,
  } satisfies Surroundings & { told: string[]; yes: true; json: true };
}
