/** Remediations of real controls, with permissions of a typical size. */
import * as z from 'zod';
import { accountTarget, defineRemediation, type Remediation } from '../../functions/contract/remediation.ts';
import { OLDER_NAMES } from '../../functions/domain/controls.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';

/** Controls that Security Hub has and an API call can fix. */
const FUTURE_CONTROLS = 183;

const CONTROLS = [...new Set(Object.values(OLDER_NAMES).flat())].sort();

/** Returns up to `count` dummies, one for each control in AWS's table of older names (about 230). */
export const dummyRemediations = (count: number): Remediation[] => CONTROLS.slice(0, count).map(dummy);

function dummy(control: string): Remediation {
  const service = control.split('.')[0]!.toLowerCase();
  const name = control.toLowerCase().replace('.', '');
  return defineRemediation({
    id: `${service}/repair-the-thing-${control.split('.')[1]}`,
    title: `Bring ${control} in order`,
    handles: { controls: [control] },
    risk: 'safe',
    target: accountTarget,
    params: z.strictObject({}),
    state: z.strictObject({}),
    reads: [{ actions: [`${service}:DescribeThingOf${name}`], resources: ['*'], because: 'a dummy' }],
    writes: [
      {
        actions: [`${service}:ModifyThingOf${name}`, `${service}:RestoreThingOf${name}`],
        resources: [`arn:{partition}:${service}:{region}:{account}:thing/*`],
        because: 'a dummy',
      },
    ],
    clients: {},
  }).by({
    read: async () => ({}),
    want: () => ({}),
    write: async () => {},
    summary: () => 'nothing',
  });
}

export const controlsHandled = (remediations: readonly Remediation[]): string[] =>
  remediations.flatMap(({ handles }) => handles.controls);

/** Returns today's remediations, and dummies for as many controls as are planned. */
export function remediationsWithDummies(): Remediation[] {
  const handled = new Set(controlsHandled(REMEDIATIONS));
  const dummies = dummyRemediations(Number.POSITIVE_INFINITY).filter(
    ({ id, handles }) => !handled.has(handles.controls[0]!) && REMEDIATIONS.every((each) => each.id !== id),
  );
  return [...REMEDIATIONS, ...dummies.slice(0, Math.max(0, FUTURE_CONTROLS - handled.size))];
}
