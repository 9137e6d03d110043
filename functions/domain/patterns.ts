/**
 * EventBridge patterns for findings, derived from the registry: the first filter, before anything costs money.
 * EventBridge's array consistency makes all fields of a pattern match the same finding of an event.
 */
import type { Remediation } from '../contract/remediation.ts';
import { CIS_NAMES, OLDER_NAMES } from './controls.ts';
import { NOTE_AUTHOR } from './finding-update.ts';
import { OWNER_NOTE } from './notes.ts';

export const PATTERN_LIMIT = 2048;

/** Security Hub's own findings: an account that imports findings of a custom product names itself in their ProductArn. */
export const OF_SECURITY_HUB = [{ suffix: '::product/aws/securityhub' }];

type Name = string | { readonly suffix: string } | { readonly prefix: string };
type Handling = { readonly handles: Remediation['handles'] };

/**
 * Returns patterns for every format of the handled controls' names, as few as the limit allows. No finding matches two
 * patterns: those with a SecurityControlId match by that, all others by GeneratorId.
 */
export const findingPatterns = (remediations: readonly Handling[]): object[] =>
  patterns(remediations, { 'detail-type': ['Security Hub Findings - Imported'] }, { Workflow: { Status: ['NEW'] } });

/** Matches findings of any workflow status that a person sends to this custom action. */
export const customActionPatterns = (remediations: readonly Handling[], actionArn: string): object[] =>
  patterns(remediations, { 'detail-type': ['Security Hub Findings - Custom Action'], resources: [actionArn] }, {});

/**
 * Matches findings whose owner was told, and whose control passes now or whose resource is gone. Their note tells them
 * from all others that pass, which Security Hub sends every day.
 */
export const FIXED_BY_OWNER_PATTERN = {
  source: ['aws.securityhub'],
  'detail-type': ['Security Hub Findings - Imported'],
  detail: {
    findings: {
      ProductArn: OF_SECURITY_HUB,
      Note: { UpdatedBy: [NOTE_AUTHOR], Text: [{ prefix: OWNER_NOTE }] },
      $or: [{ RecordState: ['ARCHIVED'] }, { Compliance: { Status: ['PASSED'] } }],
    },
  },
};

function patterns(remediations: readonly Handling[], envelope: object, workflow: object): object[] {
  const controls = [...new Set(remediations.flatMap(({ handles }) => handles.controls))];
  const pattern = (control: object, names?: readonly Name[]) => ({
    source: ['aws.securityhub'],
    ...envelope,
    detail: {
      findings: {
        RecordState: ['ACTIVE'],
        ...workflow,
        Compliance: { Status: ['FAILED', 'WARNING'], ...control },
        ProductArn: OF_SECURITY_HUB,
        ...(names && { GeneratorId: names }),
      },
    },
  });
  return [
    ...inPatterns(controls, (names) => pattern({ SecurityControlId: names })),
    ...inPatterns(generatorIds(controls), (names) => pattern({ SecurityControlId: [{ exists: false }] }, names)),
  ];
}

/**
 * Newer names end in the control's own id (`security-control/EC2.13`), whatever the standard; tables list the others.
 */
function generatorIds(controls: readonly string[]): Name[] {
  const handled = new Set(controls);
  const endsInItsControl = (name: string) => handled.has(name.slice(name.lastIndexOf('/') + 1));
  const isHandled = ([name, meant]: readonly [string, readonly string[]]) =>
    !endsInItsControl(name) && meant.some((control) => handled.has(control));
  const listed = Object.entries({ ...CIS_NAMES, ...OLDER_NAMES }).filter(isHandled);
  const counted = listed.filter(
    ([name, meant]) => CIS_NAMES[name] === meant && meant.length > 1 && !isListed(`${name}.1`),
  );
  return [
    ...controls.map((control) => ({ suffix: `/${control}` })),
    ...listed.map(([name]) => inAnyPartition(name)),
    ...counted.map(([name]) => ({ prefix: `${name}.` })),
  ];
}

/** CIS 1.2 names its rules by ARNs, so the pattern matches in every partition. */
const inAnyPartition = (name: string): Name => (name.startsWith(AWS) ? { suffix: name.slice(AWS.length) } : name);
const AWS = 'arn:aws';

const isListed = (name: string) => Object.hasOwn(OLDER_NAMES, name);

function inPatterns<N extends Name>(names: readonly N[], toPattern: (names: readonly N[]) => object): object[] {
  const groups: N[][] = [];
  for (const name of names) {
    const last = groups.at(-1);
    if (last && JSON.stringify(toPattern([...last, name])).length <= PATTERN_LIMIT) last.push(name);
    else groups.push([name]);
  }
  return groups.map(toPattern);
}
