/** What the registry says of itself, one entry a control: what people read before they let a remediation run. */

import type { Permission, Place, Remediation, Risk } from '../../functions/contract/remediation.ts';
import type { Scenario, Scenarios } from '../../functions/contract/scenario.ts';
import { type CisNumbers, cisNumbersOf } from '../../functions/domain/benchmarks.ts';
import { OLDER_NAMES } from '../../functions/domain/controls.ts';
import { planPolicy } from '../../functions/domain/permissions.ts';
import { readmeOf } from './readme.ts';

export type CatalogueEntry = {
  readonly control: string;
  /** AWS's page of the control. */
  readonly documentation: string;
  readonly remediation: string;
  readonly title: string;
  readonly risk: Risk;
  /** The resource is the same in every Region. */
  readonly global: boolean;
  /** From the readme, Markdown. */
  readonly changes: string;
  readonly neverTouches: string;
  readonly whenNot: string;
  readonly undo: string;
  readonly reads: readonly Permission[];
  readonly writes: readonly Permission[];
  /** Parameters that policy may set, with their defaults. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly cis: CisNumbers;
  /** Generator ids by which single standards name the control. */
  readonly olderNames: readonly string[];
  /** Characters of the longer of its two session policies, for one target whose names have 64 characters. */
  readonly sessionPolicy: number;
  readonly scenarios: readonly {
    readonly name: string;
    readonly control: string;
    readonly expected: Scenario<any, any, any>['expected'];
  }[];
  readonly skips: readonly { readonly scenario: string; readonly law: string; readonly because: string }[];
  /** Path in the repository. */
  readonly readme: string;
};

/** One entry a control, in the order of the remediations. `readmes` are texts by remediation. */
export function catalogue(
  remediations: readonly Remediation[],
  cases: readonly Scenarios[],
  readmes: ReadonlyMap<string, string>,
): CatalogueEntry[] {
  return remediations.flatMap((remediation) => {
    const facts = factsOf(
      remediation,
      cases.find(({ of }) => of.id === remediation.id),
      readmes.get(remediation.id),
    );
    return remediation.handles.controls.map((control) => ({
      control,
      documentation: documentationOf(control),
      ...facts,
      cis: cisNumbersOf(control),
      olderNames: Object.keys(OLDER_NAMES).filter((name) => OLDER_NAMES[name]!.includes(control)),
    }));
  });
}

/** Services by name, controls by number: EC2.2 before EC2.13 before S3.1. */
export function byControl(a: Pick<CatalogueEntry, 'control'>, b: Pick<CatalogueEntry, 'control'>): number {
  const [service, number] = a.control.split('.');
  const [otherService, otherNumber] = b.control.split('.');
  return service!.localeCompare(otherService!) || Number(number) - Number(otherNumber);
}

function factsOf(remediation: Remediation, cases: Scenarios | undefined, text: string | undefined) {
  const { id, title, risk, reads, writes, irreversible } = remediation;
  const readme = readmeOf(text ?? '');
  const named = Object.entries(cases?.scenarios ?? {});
  return {
    remediation: id,
    title,
    risk,
    global: remediation.global ?? false,
    changes: readme.changes,
    neverTouches: readme.neverTouches,
    whenNot: readme.whenNot,
    undo: irreversible ? `Cannot be undone: ${irreversible}. ${readme.undo}`.trim() : readme.undo,
    reads,
    writes,
    params: remediation.params.safeParse({}).data ?? {},
    sessionPolicy: sessionPolicyOf(remediation),
    scenarios: named.map(([name, { control, expected }]) => ({
      name,
      control: control ?? remediation.handles.controls[0]!,
      expected,
    })),
    skips: named.flatMap(([name, { skips = [] }]) => skips.map((skip) => ({ scenario: name, ...skip }))),
    readme: `functions/remediations/${id}/readme.md`,
  };
}

/** AWS has a page a service and an anchor a control. */
export function documentationOf(control: string): string {
  const [service, number] = control.toLowerCase().split('.');
  return `https://docs.aws.amazon.com/securityhub/latest/userguide/${service}-controls.html#${service}-${number}`;
}

const PLACE: Place = { partition: 'aws', account: '111122223333', region: 'us-east-1' };
/** IAM takes no longer names of roles and users, S3 none of buckets; EC2's ids are shorter. */
const LONGEST_NAME = 'x'.repeat(64);

function sessionPolicyOf(remediation: Remediation): number {
  const sizes = [remediation.reads, remediation.writes].map((needs) => {
    const names = needs.flatMap(({ resources }) =>
      [...resources.join().matchAll(/\{(\w+)\}/g)].map(([, name]) => name!),
    );
    const target = Object.fromEntries(names.map((name) => [name, LONGEST_NAME]));
    return JSON.stringify(planPolicy({ ...remediation, reads: needs }, PLACE, target)).length;
  });
  return Math.max(...sizes);
}
