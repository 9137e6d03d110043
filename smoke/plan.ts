/** A run in words, before anything is done. */
import { namesOf } from '../functions/domain/names.ts';
import type { SutureContext } from '../stacks/context.ts';
import { creationsOf } from './run.ts';
import type { SmokeStep } from './step.ts';

/** By AWS's list prices: every call and resource is free, but functions, states, logs and events are billed by use. */
export const SMOKE_COST = 'less than $0.10: nothing is billed by the hour, and functions, workflow and logs by use';

export function smokePlan(steps: readonly SmokeStep[], context: SutureContext): string {
  return [
    `Checks the installation "${context.prefix}" of organization ${context.organizationId} in AWS. It creates, for up to two hours, and removes:`,
    creationsOf(steps)
      .map(({ what }) => `  - ${what}`)
      .join('\n'),
    `It costs ${SMOKE_COST}.`,
    `It sets off the alarm ${namesOf(context).own('unexplained-sessions')} once: tell the people on call. What stays is what every fix leaves: a record in the ledger, a finding that Security Hub archives, and CloudTrail's events.`,
    ...steps.map(stepText),
  ].join('\n\n');
}

const stepText = ({ id, proves, calls, creates }: SmokeStep): string =>
  [
    id,
    `  proves    ${proves}`,
    ...calls.map((call) => `  calls     ${call}`),
    ...creates.map(({ what }) => `  removes   ${what}`),
    ...(creates.length === 0 ? ['  removes   nothing: it creates nothing'] : []),
  ].join('\n');
