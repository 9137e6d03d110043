/** The findings of `npm start`: one of every route, outcome and format, over several accounts and Regions. */
import type { Outcome } from '../../functions/domain/outcome.ts';
import { scenariosOf } from '../../functions/remediations/scenarios.generated.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import type { BusEvent } from '../../sandbox/services/eventbridge/index.ts';
import type { SutureContext } from '../../stacks/context.ts';
import { eventsOf, putOnBus, sentToCustomAction } from '../organization/events.ts';
import { type ControlFinding, controlFinding, inStandard } from '../organization/finding.ts';
import { asGuardDuty, asOcsf } from '../organization/foreign-findings.ts';
import { makeFaulty } from '../organization/seed.ts';
import type { Trace } from '../organization/trace.ts';

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
  readonly twist?: (finding: ControlFinding) => object;
  /** A person sends it to Suture's custom action, long after it came. */
  readonly sentByPerson?: true;
  /** What a person answers where it waits for approval; without it, nobody has answered yet. */
  readonly answer?: 'approve';
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
    answer: 'approve',
    then: { route: 'approve', outcome: 'FIXED' },
  },
  {
    ...TRAINING,
    shows: 'waits for approval, and nobody has answered yet',
    control: 'S3.8',
    then: { route: 'approve', outcome: 'WAITING' },
  },
  {
    ...DATA,
    shows: 'NOTIFIED long ago; a person sends it to the custom action',
    control: 'EC2.13',
    twist: (finding) => ({ ...finding, Workflow: { Status: 'NOTIFIED' } }),
    sentByPerson: true,
    then: FIXED,
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
    ...SHOP,
    shows: "another product's finding, of GuardDuty",
    control: 'EC2.13',
    twist: asGuardDuty,
    then: { route: 'ignore', outcome: null },
  },
  {
    ...SHOP,
    shows: 'the same control in OCSF, from the newer Security Hub',
    control: 'EC2.13',
    twist: asOcsf,
    then: { route: 'reject', outcome: null },
  },
  {
    ...ACQUIRED,
    shows: 'an account without the role',
    control: 'EC2.13',
    then: { route: 'remediate', outcome: 'FAILED' },
  },
];

export type PutFinding = { readonly event: BusEvent; readonly finding: object; readonly seed: SeededFinding };

/** Makes the faults in their accounts, and then sends the findings about them, as Security Hub would. */
export async function putFindings(
  sandbox: Sandbox,
  context: SutureContext,
  seeds: readonly SeededFinding[],
): Promise<PutFinding[]> {
  const findings: object[] = [];
  // All of them before the first event: some faults are made with the clock set back, which no execution may see.
  for (const [n, seed] of seeds.entries()) findings.push(await findingOf(sandbox, context.partition, seed, n));
  return put(sandbox, context, findings, seeds);
}

/** Delivers once more the events that are to come again: EventBridge delivers at least once. */
export function deliverAgain(sandbox: Sandbox, context: SutureContext, before: readonly PutFinding[]): PutFinding[] {
  const again = before.flatMap(({ finding, seed }) =>
    seed.again ? [{ finding, seed: { ...seed, shows: 'the same event again', then: seed.again } }] : [],
  );
  return put(
    sandbox,
    context,
    again.map(({ finding }) => finding),
    again.map(({ seed }) => seed),
  );
}

function put(
  sandbox: Sandbox,
  context: SutureContext,
  findings: readonly object[],
  seeds: readonly SeededFinding[],
): PutFinding[] {
  const entries = findings.map((finding, n) =>
    seeds[n]!.sentByPerson
      ? ({ kind: 'event', event: sentToCustomAction(context, [finding]) } as const)
      : ({ kind: 'finding', finding: { ...finding } } as const),
  );
  const events = eventsOf(entries, { context, asIs: false, now: new Date(sandbox.kernel.clock.now()) });
  putOnBus(sandbox, context, events);
  return findings.map((finding, n) => ({ finding, event: events[n]!, seed: seeds[n]! }));
}

async function findingOf(sandbox: Sandbox, partition: string, seed: SeededFinding, n: number): Promise<object> {
  const { control, account, region, arrangedAs, standard, twist } = seed;
  const cases = scenariosOf(control);
  const place = { partition, account, region };
  const resource = await makeFaulty(sandbox, cases, place, control, `seed-${n}`, arrangedAs);
  const name = `${String(n).padStart(8, '0')}-5ca1-4b1e-8f1e-000000000000`;
  const at = new Date(sandbox.kernel.clock.now());
  const finding = controlFinding({ control, account, region, resource, name, title: cases.of.title, at });
  const inFormat = standard ? inStandard(finding, standard) : finding;
  return twist ? twist(inFormat) : inFormat;
}
