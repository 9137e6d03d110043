/** Checks of the security account: Security Hub, Organizations, rules, queues, workflow and policy. */
import type { RemediationDeclaration } from '../domain/declaration.ts';
import type { DoctorCheck, DoctorProblem } from '../domain/doctor.ts';
import { customActionPatterns, FIXED_BY_OWNER_PATTERN, findingPatterns } from '../domain/patterns.ts';
import { SuturePolicy } from '../domain/policy.ts';
import { describeProblem, policyProblems } from '../domain/policy-check.ts';
import { type UnitIds, withGoneUnits } from '../domain/policy-units.ts';

export type HubFacts = { readonly findings: string };
export type AggregatorFacts = {
  readonly region: string;
  readonly mode: string;
  readonly regions: readonly string[];
};
export type RuleFacts = {
  readonly name: string;
  readonly enabled: boolean;
  readonly pattern?: string | undefined;
  readonly targets: readonly { readonly arn: string; readonly deadLetters?: string | undefined }[];
};
export type QueueFacts = {
  readonly messages: number;
  readonly encrypted: boolean;
  readonly deadLetters?: string | undefined;
};

/** Facts that the adapters read. Undefined: it does not exist. */
export type OrganizationReads = {
  /** Account ids. */
  delegatedAdministrators(service: string): Promise<readonly string[]>;
  hub(): Promise<HubFacts | undefined>;
  aggregator(): Promise<AggregatorFacts | undefined>;
  standards(): Promise<readonly string[]>;
  /** Undefined if the account is not Security Hub's administrator. */
  enablesNewAccounts(): Promise<boolean | undefined>;
  /** Returns Suture's rules, found by their prefix. */
  rules(): Promise<readonly RuleFacts[]>;
  queue(name: string): Promise<QueueFacts | undefined>;
  isActive(machineArn: string): Promise<boolean | undefined>;
  /** Returns Suture's functions whose reserved concurrency is 0, without those of remediations. */
  stoppedFunctions(): Promise<readonly string[]>;
  policy(): Promise<{ readonly version: number; readonly content: unknown } | undefined>;
  units(): Promise<UnitIds | undefined>;
};

export type OrganizationPlace = {
  readonly account: string;
  readonly region: string;
  /** One account without an organization, which aggregates nothing. */
  readonly trial: boolean;
  /** Regions that Suture serves. */
  readonly regions: readonly string[];
  readonly machines: readonly string[];
  /** The first machine gets the findings. */
  readonly customActionArn: string;
  /** Queues with the names of their dead-letter queues. Those without are dead-letter queues themselves. */
  readonly queues: Readonly<Record<string, string | null>>;
  /** The delegated administrator of StackSets; undefined if that is the management account. */
  readonly stackSetsAdministrator?: string | undefined;
  readonly remediations: readonly RemediationDeclaration[];
  /** The name of the security account's stack, which has rules, queues and workflow. */
  readonly stack: string;
  readonly today: string;
};

const IMPORTED = 'Security Hub Findings - Imported';
const SECURITY_HUB = 'securityhub.amazonaws.com';
const STACK_SETS = 'member.org.stacksets.cloudformation.amazonaws.com';

export function organizationChecks(place: OrganizationPlace, reads: OrganizationReads): DoctorCheck[] {
  const where = `${place.account} ${place.region}`;
  const check = (name: string, find: DoctorCheck['find']): DoctorCheck => ({ check: name, where, find });
  return [
    ...(place.trial ? [] : membershipChecks(place, reads, check)),
    check('consolidated-findings', async () => consolidationProblem(await reads.hub())),
    check('standards', async () => ((await reads.standards()).length > 0 ? undefined : NO_STANDARD)),
    check('rules', async () => ruleProblems(place, await reads.rules())),
    ...Object.entries(place.queues).map(([name, deadLetters]) =>
      check('queues', async () => queueProblem(name, deadLetters, await reads.queue(name), place)),
    ),
    ...place.machines.map((arn) =>
      check('workflow', async () => machineProblem(arn, await reads.isActive(arn), place)),
    ),
    check('stopped-functions', async () => (await reads.stoppedFunctions()).map(stoppedFunctionProblem)),
    check('policy', () => policyFaults(place, reads)),
  ];
}

const membershipChecks = (
  place: OrganizationPlace,
  reads: OrganizationReads,
  check: (name: string, find: DoctorCheck['find']) => DoctorCheck,
): DoctorCheck[] => [
  check('security-hub-administrator', () => administratorProblem(place, reads)),
  check('aggregation-region', async () => aggregationProblem(place, await reads.aggregator())),
  check('new-accounts', async () => ((await reads.enablesNewAccounts()) === false ? NEW_ACCOUNTS : undefined)),
  check('delegated-administrators', () => delegationProblem(place, reads)),
];

async function administratorProblem(
  { account }: OrganizationPlace,
  reads: OrganizationReads,
): Promise<DoctorProblem | undefined> {
  const administrators = await reads.delegatedAdministrators(SECURITY_HUB);
  if (administrators.includes(account) && (await reads.enablesNewAccounts()) !== undefined) return undefined;
  return {
    problem: `${account} is not Security Hub's administrator${administrators.length > 0 ? `, but ${administrators.join(', ')}` : ''}: it sees findings of its own alone`,
    remedy: `in the management account: aws securityhub enable-organization-admin-account --admin-account-id ${account}`,
  };
}

function aggregationProblem(
  { region, regions }: OrganizationPlace,
  aggregator: AggregatorFacts | undefined,
): DoctorProblem | undefined {
  if (!aggregator)
    return {
      problem: 'Security Hub aggregates findings in no Region',
      remedy: `aws securityhub create-finding-aggregator --region ${region} --region-linking-mode ALL_REGIONS`,
    };
  if (aggregator.region !== region)
    return {
      problem: `Security Hub aggregates findings in ${aggregator.region}, and Suture listens in ${region}`,
      remedy: 'make them equal: homeRegion of cdk.json, or the aggregation Region of Security Hub (docs/deploy.md)',
    };
  const others = regions.filter((each) => each !== region);
  const unlinked = others.filter((each) => !isLinked(aggregator, each));
  if (unlinked.length === 0) return undefined;
  return {
    problem: `Security Hub does not pass on findings of ${unlinked.join(', ')}`,
    remedy: `aws securityhub update-finding-aggregator --region ${region} --region-linking-mode ALL_REGIONS --finding-aggregator-arn <arn of list-finding-aggregators>`,
  };
}

/** https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_GetFindingAggregator.html */
function isLinked({ mode, regions }: AggregatorFacts, region: string): boolean {
  if (mode === 'ALL_REGIONS' || mode === 'NO_REGIONS') return mode === 'ALL_REGIONS';
  return regions.includes(region) === (mode === 'SPECIFIED_REGIONS');
}

function consolidationProblem(hub: HubFacts | undefined): DoctorProblem | undefined {
  if (!hub)
    return { problem: 'Security Hub is off', remedy: 'aws securityhub enable-security-hub, or its administrator' };
  if (hub.findings === 'SECURITY_CONTROL') return undefined;
  return {
    problem: 'Security Hub makes one finding for each standard: the same fault is handled several times',
    remedy: 'aws securityhub update-security-hub-configuration --control-finding-generator SECURITY_CONTROL',
  };
}

const stoppedFunctionProblem = (name: string): DoctorProblem => ({
  problem: `${name} may not run: somebody reserved a concurrency of 0 for it (PutFunctionConcurrency20171031 in CloudTrail)`,
  remedy: `aws lambda delete-function-concurrency --function-name ${name}, unless it is stopped on purpose`,
});

const NO_STANDARD: DoctorProblem = {
  problem: 'no standard is enabled: no control makes findings',
  remedy: 'enable one in Security Hub: https://docs.aws.amazon.com/securityhub/latest/userguide/enable-standards.html',
};
const NEW_ACCOUNTS: DoctorProblem = {
  problem: 'Security Hub stays off in accounts that join the organization',
  remedy: 'aws securityhub update-organization-configuration --auto-enable, or central configuration',
};

async function delegationProblem(
  { stackSetsAdministrator }: OrganizationPlace,
  reads: OrganizationReads,
): Promise<DoctorProblem | undefined> {
  if (stackSetsAdministrator === undefined) return undefined;
  if ((await reads.delegatedAdministrators(STACK_SETS)).includes(stackSetsAdministrator)) return undefined;
  return {
    problem: `${stackSetsAdministrator} is not a delegated administrator of StackSets: the member role reaches no new account`,
    remedy: `in the management account: aws organizations register-delegated-administrator --service-principal ${STACK_SETS} --account-id ${stackSetsAdministrator}`,
  };
}

/** Finds patterns of the registry without a rule, and rules that are disabled or do not start the workflow. */
function ruleProblems(place: OrganizationPlace, rules: readonly RuleFacts[]): DoctorProblem[] {
  const { remediations, customActionArn, machines } = place;
  const expected = [
    ...findingPatterns(remediations),
    ...customActionPatterns(remediations, customActionArn),
    FIXED_BY_OWNER_PATTERN,
  ];
  const present = new Set(rules.map(({ pattern }) => pattern && sortedText(JSON.parse(pattern))));
  const missing = expected.filter((pattern) => !present.has(sortedText(pattern))).length;
  const off = rules.filter(({ enabled }) => !enabled);
  const patterns = new Set(expected.map(sortedText));
  const untargeted = rules.filter(
    ({ pattern, targets }) =>
      pattern !== undefined &&
      patterns.has(sortedText(JSON.parse(pattern))) &&
      !targets.some(({ arn, deadLetters }) => arn === machines[0] && deadLetters !== undefined),
  );
  return [
    ...(missing > 0
      ? [
          {
            problem: `${missing} of ${expected.length} patterns of the registry have no rule: findings of some controls are not seen`,
            remedy: redeployRemedy(place),
          },
        ]
      : []),
    ...off.map(({ name }) => ({
      problem: `the rule ${name} is disabled`,
      remedy: `aws events enable-rule --name ${name}`,
    })),
    ...untargeted.map(({ name }) => ({
      problem: `the rule ${name} does not start the workflow, or has no dead-letter queue`,
      remedy: redeployRemedy(place),
    })),
  ];
}

/** CloudFormation compares templates, so a plain deployment leaves alone what somebody changed by hand. */
const redeployRemedy = ({ stack }: OrganizationPlace): string =>
  `npx cdk deploy --exclusively ${stack}; if it finds nothing to do, somebody changed it by hand: docs/operate.md#changed-by-hand`;

/** Returns the same text for objects whose keys differ in order only. The order of lists counts. */
const sortedText = (value: unknown): string =>
  JSON.stringify(value, (_, part) =>
    part && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

function queueProblem(
  name: string,
  deadLetters: string | null,
  queue: QueueFacts | undefined,
  place: OrganizationPlace,
): DoctorProblem | undefined {
  const remedy = redeployRemedy(place);
  if (!queue) return { problem: `the queue ${name} does not exist`, remedy };
  if (!queue.encrypted) return { problem: `the queue ${name} is not encrypted with Suture's key`, remedy };
  if (deadLetters !== null && queue.deadLetters !== deadLetters)
    return {
      problem: `messages of ${name} do not go to ${deadLetters} when they fail, but ${queue.deadLetters ?? 'are lost'}`,
      remedy,
    };
  if (deadLetters === null && queue.messages > 0)
    return {
      problem: `${queue.messages} ${queue.messages === 1 ? 'message is' : 'messages are'} in ${name}`,
      remedy: `remove the cause, then suture dlq redrive ${name} --reason "…"`,
    };
  return undefined;
}

function machineProblem(
  arn: string,
  isActive: boolean | undefined,
  place: OrganizationPlace,
): DoctorProblem | undefined {
  if (isActive) return undefined;
  return {
    problem: `the state machine ${arn} ${isActive === undefined ? 'does not exist' : 'is being deleted'}`,
    remedy: redeployRemedy(place),
  };
}

async function policyFaults(place: OrganizationPlace, reads: OrganizationReads): Promise<DoctorProblem[]> {
  const deployed = await reads.policy();
  if (!deployed)
    return [
      {
        problem: 'no policy is deployed: nothing is remediated',
        remedy: 'suture policy push policy.yaml',
      },
    ];
  const { version, content } = deployed;
  const invalid = policyProblems(content, place).map((problem) => ({
    problem: `version ${version} of the policy: ${describeProblem(problem)}`,
    remedy: 'correct policy.yaml, then suture policy check, then suture policy push',
  }));
  const policy = SuturePolicy.safeParse(content);
  if (!policy.success) return invalid;
  const gone = withGoneUnits(policy.data, await reads.units()).goneUnits ?? [];
  return [
    ...invalid,
    ...gone.map((unit) => ({
      problem: `version ${version} of the policy names the unit ${unit}, which the organization does not have: its rules hold nowhere`,
      remedy: 'correct policy.yaml, then suture policy push',
    })),
    ...unroutedProblem(unrouted(policy.data, await reads.rules()), place),
  ];
}

const unroutedProblem = (controls: readonly string[], { stack }: OrganizationPlace): DoctorProblem[] =>
  controls.length === 0
    ? []
    : [
        {
          problem: `policy names ${controls.join(', ')}, but no enabled rule passes these findings on`,
          remedy: `enable the rules that are disabled; if none is, npx cdk deploy --exclusively ${stack}`,
        },
      ];

function unrouted({ controls }: SuturePolicy, rules: readonly RuleFacts[]): string[] {
  const routed = new Set(rules.filter(({ enabled }) => enabled).flatMap(({ pattern }) => controlsIn(pattern)));
  return Object.keys(controls).filter((control) => !routed.has(control));
}

/** Returns the controls whose imported findings match. Findings of the custom action start nothing by themselves. */
function controlsIn(pattern: string | undefined): unknown[] {
  const parsed = pattern && JSON.parse(pattern);
  if (!parsed?.['detail-type']?.includes(IMPORTED)) return [];
  const controls = parsed.detail?.findings?.Compliance?.SecurityControlId;
  return Array.isArray(controls) ? controls : [];
}
