/** The findings of `npm start`: every route, outcome and format at least once, over several accounts and Regions. */
import type { Outcome } from '../../functions/domain/outcome.ts';
import { scenariosOf } from '../../functions/remediations/scenarios.generated.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import type { BusEvent } from '../../sandbox/services/eventbridge/event.ts';
import type { SutureContext } from '../../stacks/context.ts';
import { addToSecurityHub, customActionEvent, eventsOf, putOnBus } from '../organization/events.ts';
import { asStandardFinding, type ControlFinding, controlFinding } from '../organization/finding.ts';
import { asGuardDuty, asOcsf } from '../organization/foreign-findings.ts';
import { makeFaultyResource } from '../organization/make-faulty-resource.ts';
import type { Trace } from '../organization/trace.ts';

export type StoryFinding = {
  readonly shows: string;
  readonly control: string;
  readonly account: string;
  readonly region: string;
  /** The scenario that makes the resource; default: its faulty resource. */
  readonly scenario?: string;
  /** Generator id of a single standard; default: a consolidated finding. */
  readonly standard?: string;
  readonly modify?: (finding: ControlFinding) => object;
  readonly sentByPerson?: true;
  /** Without an answer, the request for approval times out. */
  readonly answer?: 'approve';
  readonly expected: ExpectedEnd;
  /** How the event ends when it is delivered again after all others have ended. */
  readonly onRedelivery?: ExpectedEnd;
};
export type ExpectedEnd = { readonly route: Trace['route']; readonly outcome: Outcome | null };

const SHOP = { account: '333333333333', region: 'us-east-1' };
const DATA = { account: '444444444444', region: 'eu-west-1' };
const TRAINING = { account: '555555555555', region: 'us-east-1' };
const ACQUIRED = { account: '666666666666', region: 'us-east-1' };
const FIXED: ExpectedEnd = { route: 'remediate', outcome: 'FIXED' };

export const STORY_FINDINGS: readonly StoryFinding[] = [
  {
    ...SHOP,
    shows: 'closes an open port; its finding arrives twice',
    control: 'EC2.13',
    expected: FIXED,
    onRedelivery: { route: 'duplicate', outcome: null },
  },
  {
    ...DATA,
    shows: 'numbered by CIS 1.2; the rule is wider than SSH',
    control: 'EC2.13',
    scenario: 'a rule is wider than the port',
    standard: 'arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0/rule/4.1',
    expected: FIXED,
  },
  {
    ...TRAINING,
    shows: "a database's deletion protection, by its FSBP name",
    control: 'RDS.8',
    standard: 'aws-foundational-security-best-practices/v/1.0.0/RDS.8',
    expected: FIXED,
  },
  {
    ...DATA,
    shows: 'upgrades in another Region, numbered by CIS 5.0',
    control: 'RDS.13',
    standard: 'cis-aws-foundations-benchmark/v/5.0.0/2.2.2',
    expected: FIXED,
  },
  { ...DATA, shows: 'longer backups, which RDS takes minutes to apply', control: 'RDS.11', expected: FIXED },
  { ...DATA, shows: 'a cluster that the internet reaches', control: 'Redshift.1', expected: FIXED },
  {
    ...SHOP,
    shows: 'a queue to which everybody may send',
    control: 'SQS.3',
    expected: FIXED,
  },
  { ...TRAINING, shows: 'a key whose deletion somebody scheduled', control: 'KMS.3', expected: FIXED },
  { ...SHOP, shows: 'logs that expire too early', control: 'CloudWatch.16', expected: FIXED },
  { ...TRAINING, shows: 'images that nobody scans', control: 'ECR.1', expected: FIXED },
  {
    ...SHOP,
    shows: 'key rotation, by its PCI name',
    control: 'KMS.4',
    standard: 'pci-dss/v/3.2.1/PCI.KMS.1',
    expected: FIXED,
  },
  {
    ...TRAINING,
    shows: 'somebody else fixed it already, by its NIST name',
    control: 'DynamoDB.6',
    standard: 'nist-800-53/v/5.0.0/DynamoDB.6',
    scenario: 'it is right already',
    expected: { route: 'remediate', outcome: 'COMPLIANT' },
  },
  {
    ...SHOP,
    shows: 'an old access key that is still in use',
    control: 'IAM.3',
    scenario: 'the old key was used a week ago',
    expected: { route: 'remediate', outcome: 'REFUSED' },
  },
  {
    ...SHOP,
    shows: 'policy names no log group; numbered by CIS 1.4',
    control: 'CloudTrail.5',
    standard: 'cis-aws-foundations-benchmark/v/1.4.0/3.4',
    expected: { route: 'remediate', outcome: 'REFUSED' },
  },
  {
    ...DATA,
    shows: 'waits for approval, and a person approves',
    control: 'EC2.2',
    answer: 'approve',
    expected: { route: 'approve', outcome: 'FIXED' },
  },
  {
    ...TRAINING,
    shows: 'backups with a monthly cost wait for approval',
    control: 'EFS.7',
    expected: { route: 'approve', outcome: 'WAITING' },
  },
  {
    ...DATA,
    shows: 'NOTIFIED already; a person uses the custom action',
    control: 'EC2.13',
    modify: (finding) => ({ ...finding, Workflow: { Status: 'NOTIFIED' } }),
    sentByPerson: true,
    expected: FIXED,
  },
  {
    ...DATA,
    shows: 'a public function; policy says observe',
    control: 'Lambda.1',
    expected: { route: 'remediate', outcome: 'PLANNED' },
  },
  { ...TRAINING, shows: 'a suppression', control: 'EC2.13', expected: { route: 'archive', outcome: 'ARCHIVED' } },
  {
    ...TRAINING,
    shows: 'an exemption, by its number in CIS 3.0',
    control: 'KMS.4',
    standard: 'cis-aws-foundations-benchmark/v/3.0.0/3.6',
    expected: { route: 'ignore', outcome: null },
  },
  {
    ...SHOP,
    shows: 'no rule matches: the control passed',
    control: 'EC2.13',
    modify: (finding) => ({ ...finding, Compliance: { ...finding.Compliance, Status: 'PASSED' } }),
    expected: { route: 'ignore', outcome: null },
  },
  {
    ...SHOP,
    shows: "a forged finding: it names another account's group",
    control: 'EC2.13',
    modify: (finding) => ({
      ...finding,
      Resources: finding.Resources.map((resource) => ({
        ...resource,
        Id: resource.Id.replace(SHOP.account, DATA.account),
      })),
    }),
    expected: { route: 'reject', outcome: null },
  },
  {
    ...SHOP,
    shows: 'a finding of another product, GuardDuty',
    control: 'EC2.13',
    modify: asGuardDuty,
    expected: { route: 'ignore', outcome: null },
  },
  {
    ...SHOP,
    shows: 'the same control in OCSF, of the new Security Hub',
    control: 'EC2.13',
    modify: asOcsf,
    expected: { route: 'reject', outcome: null },
  },
  {
    ...ACQUIRED,
    shows: 'an account without the member role',
    control: 'EC2.13',
    expected: { route: 'remediate', outcome: 'FAILED' },
  },
];

export type StoryEvent = { readonly event: BusEvent; readonly finding: object; readonly story: StoryFinding };

export async function sendFindings(
  sandbox: Sandbox,
  context: SutureContext,
  stories: readonly StoryFinding[],
): Promise<StoryEvent[]> {
  return send(sandbox, context, await makeFindings(sandbox, context, stories));
}

/** The findings that Suture fixes, as Security Hub stores them by default: consolidated, and NEW. */
export const FIXABLE_FINDINGS: readonly StoryFinding[] = STORY_FINDINGS.filter(
  ({ expected, modify }) => expected.outcome === 'FIXED' && !modify,
).map(({ standard: _, ...story }) => story);

/** Makes the faulty resources and adds their findings to Security Hub. Suture gets no event of them. */
export async function storeFindings(
  sandbox: Sandbox,
  context: SutureContext,
  stories: readonly StoryFinding[],
): Promise<void> {
  const unsent = await makeFindings(sandbox, context, stories);
  addToSecurityHub(
    sandbox,
    unsent.map(({ finding }) => finding),
  );
}

/**
 * Makes every resource before the first event: some scenarios set the clock back, which no execution may see. On a real
 * clock, they are created a day ago, so that nobody waits for databases.
 */
async function makeFindings(
  sandbox: Sandbox,
  context: SutureContext,
  stories: readonly StoryFinding[],
): Promise<UnsentFinding[]> {
  const { clock } = sandbox.kernel;
  const make = () => makeEach(sandbox, context, stories);
  return clock.virtual ? make() : clock.at(clock.now() - DAY_MS, make);
}

async function makeEach(
  sandbox: Sandbox,
  context: SutureContext,
  stories: readonly StoryFinding[],
): Promise<UnsentFinding[]> {
  const unsent: UnsentFinding[] = [];
  for (const [n, story] of stories.entries())
    unsent.push({ story, finding: await findingOf(sandbox, context.partition, story, n) });
  return unsent;
}

export function redeliver(sandbox: Sandbox, context: SutureContext, events: readonly StoryEvent[]): StoryEvent[] {
  const unsent = events.flatMap(({ finding, story }) =>
    story.onRedelivery
      ? [{ finding, story: { ...story, shows: 'the same event again', expected: story.onRedelivery } }]
      : [],
  );
  return send(sandbox, context, unsent);
}

type UnsentFinding = Omit<StoryEvent, 'event'>;

function send(sandbox: Sandbox, context: SutureContext, unsent: readonly UnsentFinding[]): StoryEvent[] {
  const entries = unsent.map(({ finding, story }) =>
    story.sentByPerson
      ? ({ kind: 'event', event: customActionEvent(context, [finding]) } as const)
      : ({ kind: 'finding', finding: { ...finding } } as const),
  );
  const events = eventsOf(entries, { context, asIs: false, now: new Date(sandbox.kernel.clock.now()) });
  putOnBus(sandbox, context, events);
  return unsent.map((each, n) => ({ ...each, event: events[n]! }));
}

const DAY_MS = 86_400_000;

async function findingOf(sandbox: Sandbox, partition: string, story: StoryFinding, n: number): Promise<object> {
  const { control, account, region, scenario, standard, modify } = story;
  const scenarios = scenariosOf(control);
  const place = { partition, account, region };
  const resource = await makeFaultyResource(sandbox, scenarios, place, control, `seed-${n}`, scenario);
  const name = `${String(n).padStart(8, '0')}-5ca1-4b1e-8f1e-000000000000`;
  const at = new Date(sandbox.kernel.clock.now());
  const finding = controlFinding({ control, account, region, resource, name, title: scenarios.remediation.title, at });
  const inFormat = standard ? asStandardFinding(finding, standard) : finding;
  return modify ? modify(inFormat) : inFormat;
}
