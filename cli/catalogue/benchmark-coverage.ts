/**
 * The controls of each CIS version that remediations close, and the reasons for the others. CIS's manual requirements
 * have no control of Security Hub, and are not counted.
 */
import { CIS_REQUIREMENTS, CIS_VERSIONS, type CisVersion, cisNumbersOf } from '../../functions/domain/benchmarks.ts';
import { byControl, controlPageUrl } from './catalogue.ts';

export type UncoveredReason = {
  /** `planned`: a later version may close it. `person`: it takes a person. `retired`: Security Hub no longer checks it. */
  readonly kind: 'planned' | 'person' | 'retired';
  readonly because: string;
};

export type UncoveredControl = UncoveredReason & {
  readonly control: string;
  readonly documentation: string;
  readonly numbers: readonly string[];
};

export type BenchmarkCoverage = {
  readonly version: CisVersion;
  readonly controls: number;
  readonly covered: number;
  readonly uncovered: readonly UncoveredControl[];
};

/** A test holds this table to the registry: each control of a benchmark is either handled or explained here. */
export const UNCOVERED: Readonly<Record<string, UncoveredReason>> = {
  'Config.1': {
    kind: 'planned',
    because:
      'a recorder needs a role, a bucket and a delivery channel that the organization names, and is paid for each recorded change; where Control Tower or a delegated administrator owns it, nobody else may change it',
  },
  'EFS.1': {
    kind: 'person',
    because: 'EFS encrypts a file system only when it is created: its owner copies the files to a new one',
  },
  'EFS.8': {
    kind: 'person',
    because: 'EFS encrypts a file system only when it is created: its owner copies the files to a new one',
  },
  'IAM.1': {
    kind: 'person',
    because: 'only the owner of a policy knows which permissions its users need instead of all',
  },
  'IAM.2': {
    kind: 'planned',
    because: "a user's policies move to a group, and which users share a group is for their owner to decide",
  },
  'IAM.4': {
    kind: 'planned',
    because:
      'the member role cannot delete the key of the root user; a root session from the management account (AssumeRoot) can, and the key cannot be restored',
  },
  'IAM.5': { kind: 'person', because: 'the user registers an MFA device that the user holds' },
  'IAM.6': { kind: 'person', because: 'somebody registers a hardware MFA device as the root user' },
  'IAM.9': { kind: 'person', because: 'somebody registers an MFA device as the root user' },
  'IAM.20': {
    kind: 'retired',
    because: 'Security Hub retired this control in April 2024; CloudWatch.1 alarms on the use of the root user',
  },
  'RDS.3': {
    kind: 'person',
    because: 'RDS encrypts an instance only when it is created: its owner restores an encrypted copy of a snapshot',
  },
  'RDS.5': {
    kind: 'planned',
    because: 'a standby in another Availability Zone doubles the cost of an instance',
  },
  'RDS.15': {
    kind: 'person',
    because: 'a cluster needs a further instance in another Availability Zone, which its owner sizes and pays for',
  },
  'S3.20': { kind: 'person', because: 'only the root user with its MFA device enables MFA delete' },
};

/**
 * Returns one entry for each version, newest first.
 * @param covered all controls that remediations handle, those of packages included
 * @throws Error for a control that is neither covered nor explained
 */
export function benchmarkCoverage(covered: ReadonlySet<string>): BenchmarkCoverage[] {
  return CIS_VERSIONS.map((version) => {
    const controls = Object.keys(CIS_REQUIREMENTS).filter((control) => cisNumbersOf(control)[version] !== undefined);
    const uncovered = controls
      .filter((control) => !covered.has(control))
      .map((control) => uncoveredControl(control, version));
    return {
      version,
      controls: controls.length,
      covered: controls.length - uncovered.length,
      uncovered: uncovered.toSorted(byControl),
    };
  });
}

function uncoveredControl(control: string, version: CisVersion): UncoveredControl {
  const reason = UNCOVERED[control];
  if (!reason)
    throw new Error(
      `${control} is in CIS ${version}, and no remediation handles it: say why in UNCOVERED of cli/catalogue/benchmark-coverage.ts`,
    );
  return { control, documentation: controlPageUrl(control), numbers: cisNumbersOf(control)[version]!, ...reason };
}

/** Returns `28 of 40 controls of CIS 5.0`. */
export const coverageLine = ({ version, controls, covered }: BenchmarkCoverage): string =>
  `${covered} of ${controls} controls of CIS ${version}`;
