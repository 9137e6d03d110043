/** The catalogue: the facts of each control's remediation that people read before they let it run. */
import type { Permission, Place, Remediation, Risk } from '../../functions/contract/remediation.ts';
import type { LastingChange, Scenario, Scenarios } from '../../functions/contract/scenario.ts';
import { type CisNumbers, cisNumbersOf } from '../../functions/domain/benchmarks.ts';
import { OLDER_NAMES } from '../../functions/domain/controls.ts';
import { planPolicy, readPermissions, undoPermissions } from '../../functions/domain/permissions.ts';
import { parseReadme, readmePath } from './readme.ts';

/** The kinds of a remediation's permissions; `undoes` are those that only a rollback has. */
export const PERMISSION_KINDS = ['reads', 'writes', 'undoes'] as const;

export type CatalogueEntry = {
  readonly control: string;
  readonly documentation: string;
  readonly remediation: string;
  readonly title: string;
  readonly risk: Risk;
  readonly global: boolean;
  readonly changes: string;
  readonly neverTouches: string;
  readonly whenNot: string;
  readonly undo: string;
  readonly reads: readonly Permission[];
  readonly writes: readonly Permission[];
  readonly undoes: readonly Permission[];
  readonly params: Readonly<Record<string, unknown>>;
  /** CloudFormation types of its resource, if a stack may manage it. `loadCatalogue` adds them. */
  readonly stackTypes?: readonly string[];
  readonly cis: CisNumbers;
  readonly olderNames: readonly string[];
  /** Characters of the longest of its session policies, for one target whose names have 64 characters. */
  readonly sessionPolicy: number;
  readonly scenarios: readonly {
    readonly name: string;
    readonly control: string;
    readonly expected: Scenario<any, any, any>['expected'];
  }[];
  readonly skips: readonly { readonly scenario: string; readonly law: string; readonly because: string }[];
  /** State that a rollback does not restore. */
  readonly lasting: readonly ({ readonly scenario: string } & LastingChange)[];
  /** A file of the repository. The package lacks it, and has its sections. */
  readonly readme?: string;
};

/**
 * Returns one entry for each control, in the order of the remediations.
 * @param readmes texts by remediation
 */
export function catalogueEntries(
  remediations: readonly Remediation[],
  scenarios: readonly Scenarios[],
  readmes: ReadonlyMap<string, string>,
): CatalogueEntry[] {
  return remediations.flatMap((remediation) => {
    const facts = factsOf(
      remediation,
      scenarios.find((each) => each.remediation.id === remediation.id),
      readmes.get(remediation.id),
    );
    return remediation.handles.controls.map((control) => ({
      control,
      documentation: controlPageUrl(control),
      ...facts,
      cis: cisNumbersOf(control),
      olderNames: Object.keys(OLDER_NAMES).filter((name) => OLDER_NAMES[name]!.includes(control)),
    }));
  });
}

/** Sorts services by name and controls by number: EC2.2 before EC2.13 before S3.1. */
export function byControl(a: Pick<CatalogueEntry, 'control'>, b: Pick<CatalogueEntry, 'control'>): number {
  const [service, number] = a.control.split('.');
  const [otherService, otherNumber] = b.control.split('.');
  return service!.localeCompare(otherService!) || Number(number) - Number(otherNumber);
}

function factsOf(remediation: Remediation, scenarios: Scenarios | undefined, readmeText: string | undefined) {
  const { id, title, risk, writes, undoes = [], irreversible } = remediation;
  const readme = parseReadme(readmeText ?? '');
  const entries = Object.entries(scenarios?.scenarios ?? {});
  return {
    remediation: id,
    title,
    risk,
    global: remediation.global ?? false,
    changes: readme.changes,
    neverTouches: readme.neverTouches,
    whenNot: readme.whenNot,
    undo: irreversible ? `Cannot be undone: ${irreversible}. ${readme.undo}`.trim() : readme.undo,
    reads: readPermissions(remediation),
    writes,
    undoes,
    params: remediation.params.safeParse({}).data ?? {},
    sessionPolicy: sessionPolicyOf(remediation),
    scenarios: entries.map(([name, { control, expected }]) => ({
      name,
      control: control ?? remediation.handles.controls[0]!,
      expected,
    })),
    skips: entries.flatMap(([name, { skips = [] }]) => skips.map((skip) => ({ scenario: name, ...skip }))),
    lasting: entries.flatMap(([name, { lasting = [] }]) => lasting.map((change) => ({ scenario: name, ...change }))),
    readme: readmePath(id),
  };
}

export function controlPageUrl(control: string): string {
  const [service, number] = control.toLowerCase().split('.');
  return `https://docs.aws.amazon.com/securityhub/latest/userguide/${service}-controls.html#${service}-${number}`;
}

const EXAMPLE_PLACE: Place = { partition: 'aws', account: '111122223333', region: 'us-east-1' };
/** IAM's limit for roles and users. S3 takes 63 characters for a bucket; EC2's ids are shorter. */
const LONGEST_NAME = 'x'.repeat(64);

function sessionPolicyOf(remediation: Remediation): number {
  const lengths = [remediation.reads, undoPermissions(remediation)].map((permissions) => {
    const names = permissions.flatMap(({ resources }) =>
      [...resources.join().matchAll(/\{(\w+)\}/g)].map(([, name]) => name!),
    );
    const target = Object.fromEntries(names.map((name) => [name, LONGEST_NAME]));
    return JSON.stringify(planPolicy({ ...remediation, reads: permissions }, EXAMPLE_PLACE, target)).length;
  });
  return Math.max(...lengths);
}

/** Returns the reason of a permission, its limits, and the reason of its wildcard. */
export const permissionReason = ({ because, only = {}, wildcardBecause }: Permission): string =>
  [
    because,
    ...Object.entries(only).map(([key, value]) => `only where ${key} is ${value}`),
    ...(wildcardBecause === undefined ? [] : [`the target does not limit it: ${wildcardBecause}`]),
  ].join('; ');
