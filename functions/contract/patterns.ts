/**
 * The EventBridge patterns that let findings in, derived from the registry: the first filter, before anything is paid for.
 * Fields of one pattern must hold for one finding of the event, which EventBridge's array consistency sees to.
 */
import { OLDER_NAMES } from './controls.ts';
import type { Remediation } from './remediation.ts';

/** Characters of a pattern that EventBridge takes by default. */
export const PATTERN_LIMIT = 2048;

type Name = string | { readonly suffix: string };
type Handling = { readonly handles: Remediation['handles'] };

/**
 * Patterns for every format of the handled controls' names, in as few as fit the limit.
 * No finding matches two: a finding with SecurityControlId is matched by that, any other by its GeneratorId.
 */
export function findingPatterns(remediations: readonly Handling[]): object[] {
  const controls = [...new Set(remediations.flatMap(({ handles }) => handles.controls))];
  return [
    ...inPatterns(controls, (names) => pattern({ SecurityControlId: names })),
    ...inPatterns(generatorIds(controls), (names) => pattern({ SecurityControlId: [{ exists: false }] }, names)),
  ];
}

/** Newer names end in the control's own id (`security-control/EC2.13`), whatever the standard; the others stand in AWS's table. */
function generatorIds(controls: readonly string[]): Name[] {
  const handled = new Set(controls);
  const endsInItsControl = (name: string) => handled.has(name.slice(name.lastIndexOf('/') + 1));
  const older = Object.keys(OLDER_NAMES).filter(
    (name) => !endsInItsControl(name) && OLDER_NAMES[name]!.some((control) => handled.has(control)),
  );
  return [...controls.map((control) => ({ suffix: `/${control}` })), ...older];
}

const pattern = (control: object, generatorIds?: readonly Name[]) => ({
  source: ['aws.securityhub'],
  'detail-type': ['Security Hub Findings - Imported'],
  detail: {
    findings: {
      RecordState: ['ACTIVE'],
      Workflow: { Status: ['NEW'] },
      Compliance: { Status: ['FAILED', 'WARNING'], ...control },
      ProductArn: [{ suffix: '::product/aws/securityhub' }],
      ...(generatorIds && { GeneratorId: generatorIds }),
    },
  },
});

/** Puts as many names into each pattern as its limit takes. */
function inPatterns<N extends Name>(names: readonly N[], make: (names: readonly N[]) => object): object[] {
  const groups: N[][] = [];
  for (const name of names) {
    const last = groups.at(-1);
    if (last && JSON.stringify(make([...last, name])).length <= PATTERN_LIMIT) last.push(name);
    else groups.push([name]);
  }
  return groups.map(make);
}
