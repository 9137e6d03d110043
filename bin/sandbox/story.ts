/** The findings of `npm start`: one of every route, outcome and format, over several accounts and Regions. */
import type { AwsSecurityFinding } from '@aws-sdk/client-securityhub';
import type { Outcome } from '../../functions/contract/outcome.ts';
import type { Place } from '../../functions/contract/remediation.ts';
import { casesOf } from '../../functions/remediations/cases.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import { emitServiceEvent } from '../../sandbox/services/eventbridge.ts';
import { putFinding } from '../../sandbox/services/securityhub.ts';
import { type ControlFinding, controlFinding, inStandard } from './finding.ts';
import { makeFaulty } from './seed.ts';
import type { Trace } from './trace.ts';

export type SeededFinding = {
  /** What this finding shows, for the display. */
  readonly shows: string;
  readonly control: string;
  readonly account: string;
  readonly region: string;
  /** The remediation's case that makes the resource, where it is not the faulty one. */
  readonly arrangedAs?: string;
  /** The generator id of a single standard; default: a consolidated finding. */
  readonly standard?: string;
  /** Changes the finding before it is put; for those that must be refused. */
  readonly twist?: (finding: ControlFinding) => ControlFinding;
  /** Comes a second time after everything else is done; this is what must become of it then. */
  readonly again?: Ending;
  readonly then: Ending;
};
export type Ending = { readonly route: Trace['route']; readonly outcome: Outcome | null };

const SHOP = { account: '333333333333', region: 'us-east-1' };
const DATA = { account: '444444444444', region: 'eu-west-1' };
const TRAINING = { account: '555555555555', region: 'us-east-1' };
const ACQUIRED = { account: '666666666666', region: 'us-east-1' };
const FIXED: Ending = { route: 'remediate', outcome: 'FIXED' };

export const SEEDS: readonly SeededFinding[] = [
  {
    ...SHOP,
    shows: 'an open port is closed; the finding comes again',
    control: 'EC2.13',
    then: FIXED,
    again: { route: 'duplicate', outcome: null },
  },
  {
    ...DATA,
    shows: 'an account setting in another Region, by its number in CIS 1.4',
    control: 'EC2.7',
    standard: 'cis-aws-foundations-benchmark/v/1.4.0/2.2.1',
    then: FIXED,
  },
  {
    ...DATA,
    shows: 'SSH by its number in CIS 1.2, over a rule wider than the port',
    control: 'EC2.13',
    arrangedAs: 'a rule is wider than the port',
    standard: 'arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0/rule/4.1',
    then: FIXED,
  },
  {
    ...TRAINING,
    shows: "the account's public access block, by its FSBP name",
    control: 'S3.1',
    standard: 'aws-foundational-security-best-practices/v/1.0.0/S3.1',
    then: FIXED,
  },
  {
    ...SHOP,
    shows: 'key rotation, by its PCI name',
    control: 'KMS.4',
    standard: 'pci-dss/v/3.2.1/PCI.KMS.1',
    then: FIXED,
  },
  {
    ...SHOP,
    shows: 'log file validation, by its number in CIS 5.0',
    control: 'CloudTrail.4',
    standard: 'cis-aws-foundations-benchmark/v/5.0.0/3.2',
    then: FIXED,
  },
  {
    ...TRAINING,
    shows: 'fixed by somebody else already, by its NIST name',
    control: 'EC2.7',
    standard: 'nist-800-53/v/5.0.0/EC2.7',
    arrangedAs: 'encryption by default is on already',
    then: { route: 'remediate', outcome: 'COMPLIANT' },
  },
  {
    ...SHOP,
    shows: 'an old key that somebody still uses',
    control: 'IAM.3',
    arrangedAs: 'the old key was used a week ago',
    then: { route: 'remediate', outcome: 'REFUSED' },
  },
  {
    ...DATA,
    shows: 'waits for approval, and is approved',
    control: 'EC2.2',
    then: { route: 'approve', outcome: 'FIXED' },
  },
  { ...DATA, shows: 'policy says observe', control: 'EC2.14', then: { route: 'remediate', outcome: 'PLANNED' } },
  { ...TRAINING, shows: 'a suppression', control: 'EC2.13', then: { route: 'archive', outcome: 'ARCHIVED' } },
  {
    ...TRAINING,
    shows: 'an exemption, by its number in CIS 3.0',
    control: 'KMS.4',
    standard: 'cis-aws-foundations-benchmark/v/3.0.0/3.6',
    then: { route: 'ignore', outcome: null },
  },
  {
    ...SHOP,
    shows: 'a finding that no rule lets through, for it passed',
    control: 'EC2.13',
    twist: (finding) => ({ ...finding, Compliance: { ...finding.Compliance, Status: 'PASSED' } }),
    then: { route: 'ignore', outcome: null },
  },
  {
    ...SHOP,
    shows: "a forged finding: another account's group",
    control: 'EC2.13',
    twist: (finding) => ({
      ...finding,
      Resources: finding.Resources.map((resource) => ({
        ...resource,
        Id: resource.Id.replace(SHOP.account, DATA.account),
      })),
    }),
    then: { route: 'reject', outcome: null },
  },
  {
    ...ACQUIRED,
    shows: 'an account without the role',
    control: 'EC2.13',
    then: { route: 'remediate', outcome: 'FAILED' },
  },
];

export type PutFinding = { readonly eventId: string; readonly finding: ControlFinding; readonly seed: SeededFinding };

/** Makes the faults in their accounts, and then imports the findings about them, as Security Hub would. */
export async function putFindings(
  sandbox: Sandbox,
  partition: string,
  seeds: readonly SeededFinding[],
): Promise<PutFinding[]> {
  const findings: ControlFinding[] = [];
  // All of them before the first finding: some faults are made with the clock set back, which no execution may see.
  for (const [n, seed] of seeds.entries()) findings.push(await findingOf(sandbox, partition, seed, n));
  return findings.map((finding, n) => put(sandbox, finding, seeds[n]!));
}

/** Delivers once more the events that are to come again: EventBridge delivers at least once. */
export const deliverAgain = (sandbox: Sandbox, home: Place, before: readonly PutFinding[]): PutFinding[] =>
  before
    .filter(({ seed }) => seed.again)
    .map(({ finding, seed }) => {
      const event = {
        source: 'aws.securityhub',
        'detail-type': 'Security Hub Findings - Imported',
        detail: { findings: [finding] },
      };
      const eventId = emitServiceEvent(sandbox.kernel, home, event);
      return { finding, eventId, seed: { ...seed, shows: 'the same event again', then: seed.again! } };
    });

function put(sandbox: Sandbox, finding: ControlFinding, seed: SeededFinding): PutFinding {
  return { finding, seed, eventId: putFinding(sandbox.kernel, finding as AwsSecurityFinding).eventId! };
}

async function findingOf(sandbox: Sandbox, partition: string, seed: SeededFinding, n: number): Promise<ControlFinding> {
  const { control, account, region, arrangedAs, standard, twist } = seed;
  const cases = casesOf(control);
  const place = { partition, account, region };
  const resource = await makeFaulty(sandbox, cases, place, control, `seed-${n}`, arrangedAs);
  const name = `${String(n).padStart(8, '0')}-5ca1-4b1e-8f1e-000000000000`;
  const at = new Date(sandbox.kernel.clock.now());
  const finding = controlFinding({ control, account, region, resource, name, title: cases.of.title, at });
  const inFormat = standard ? inStandard(finding, standard) : finding;
  return twist ? twist(inFormat) : inFormat;
}
