/** `context.suture` of cdk.json, each value overridden by `-c suture:<name>=<value>`. */
import { readFile } from 'node:fs/promises';
import type { Node } from 'constructs';
import * as z from 'zod';
import { INDEXES } from '../functions/domain/ledger.ts';
import { DEFAULT_PREFIX } from '../functions/domain/names.ts';
import { Prefix } from '../functions/domain/prefix.ts';
import { Federation, federationProblems } from './federation-context.ts';
import { IpRangesContext } from './ip-ranges/context.ts';
import { MessagesContext, messagesProblems } from './messages/context.ts';
import { regionProblems } from './regions.ts';
import { trialSettings } from './trial.ts';

const account = z.string().regex(/^\d{12}$/, 'the 12 digits of an account id, as a string');
const region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a Region, such as us-east-1');

const unit = z
  .string()
  .regex(
    /^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$/,
    'the id of a unit or the root, such as ou-ab12-cdefgh34',
  );

const Rollout = z.strictObject({
  managementAccount: account,
  /** The management account or a delegated administrator of StackSets. */
  account,
  /** Organizational units, or the root, whose accounts (nested units included) get the role. */
  units: z.array(unit, 'a list of units').min(1, 'at least one unit: without any, no account gets the role'),
  /** Service control policies do not apply in the management account. */
  roleInManagementAccount: z.boolean('true or false').default(false),
  /**
   * The URL of the member role's template, if the management account creates the StackSet and the template is larger
   * than CloudFormation takes inline. The file name contains the template's hash.
   */
  templateUrl: z
    .string()
    .regex(/^https:\/\/[a-z0-9.-]+\.amazonaws\.com(\.cn)?\/[\w./-]+\.json$/, 'the https address of a JSON file in S3')
    .optional(),
  /** In these units, nobody but Security Hub's administrator account changes the status of findings. */
  protectFindings: z.boolean('true or false').optional(),
  /** The unit whose accounts `suture rollout` updates first. */
  canary: unit.optional(),
});

const groups = z
  .array(
    z.string().regex(/^([0-9a-f]{10}-)?[0-9a-f-]{36}$/, 'the id of a group of Identity Center'),
    'a list of groups',
  )
  .default([]);

const IdentityCenter = z.strictObject({
  /** The management account or a delegated administrator. */
  account,
  region,
  instanceArn: z.string().regex(/^arn:[\w-]+:sso:::instance\/(sso)?ins-[a-zA-Z0-9-.]{16}$/, 'the ARN of an instance'),
  groups: z
    .strictObject({ viewer: groups, operator: groups, approver: groups })
    .default({ viewer: [], operator: [], approver: [] }),
});

const Api = z.strictObject({
  /** The only endpoints that reach the API. Without any, the internet reaches it. IAM decides in both cases. */
  vpcEndpoints: z
    .array(z.string().regex(/^vpce-[0-9a-f]{8,17}$/, 'the id of an interface endpoint, such as vpce-0123456789abcdef0'))
    .min(1, 'at least one endpoint')
    .optional(),
  /** Sets the role with which API Gateway writes logs in this account and Region. Turn it off if there is one. */
  logRole: z.boolean('true or false').default(true),
});

/** The limits that every service accepts; https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
const MAX_TAGS = 40;
const TAG_KEY = /^(?!aws:|suture:)[\p{L}\p{N} +=._:/@-]{1,128}$/iu;
const TAG_VALUE = /^[\p{L}\p{N} +=._:/@-]{0,256}$/u;
const Tags = z
  .record(
    z.string(),
    z.string('a text').regex(TAG_VALUE, 'up to 256 letters, digits, spaces and + - = . _ : / @'),
    'tags by key',
  )
  .superRefine((tags, context) => {
    const invalid = Object.keys(tags).filter((key) => !TAG_KEY.test(key));
    const message =
      'a key of up to 128 letters, digits, spaces and + - = . _ : / @, with neither aws: nor suture: at the beginning';
    for (const key of invalid) context.addIssue({ code: 'custom', path: [key], message });
  })
  .refine((tags) => Object.keys(tags).length <= MAX_TAGS, `at most ${MAX_TAGS} tags`);

/** Lambda polls a queue with two instances, so a function of a queue that reserves one is throttled. */
const RESERVATION =
  'a whole number of at least 2. `suture doctor` says how much an account can reserve: its quota, less what is reserved already and the 100 that Lambda keeps for other functions; a new account, with a quota of 10, can reserve nothing';

const LEDGER_INDEXES = `a whole number from 1 to ${Object.keys(INDEXES).length}`;

const SutureContext = z.strictObject({
  /** Begins every name of this installation. Several installations in the same accounts have different ones. */
  prefix: Prefix.default(DEFAULT_PREFIX),
  organizationId: z.string().regex(/^o-[a-z0-9]{10,32}$/, 'the id of the organization, such as o-a1b2c3d4e5'),
  partition: z.enum(['aws', 'aws-cn', 'aws-us-gov'], 'aws, aws-cn or aws-us-gov').default('aws'),
  /** Security Hub's administrator; has rules, workflow and ledger. */
  securityAccount: account,
  /** Has the remediations' functions and roles, and the journal. */
  serviceAccount: account,
  /** Security Hub aggregates findings into this Region. */
  homeRegion: region,
  /** Regions, beside the home Region, whose findings Suture handles. Triage ignores findings of others. */
  regions: z.array(region, 'a list of Regions').min(1, 'at least one Region'),
  externalId: z.string().regex(/^[\w+=,.@:/-]{8,1224}$/, '8 to 1,224 of letters, digits and _+=,.@:/-'),
  /** Further accounts in which Suture remediates nothing. */
  excludedAccounts: z.array(account, 'a list of account ids').default([]),
  /** Deploys a second member role, for remediations that respond to threats. */
  responseRole: z.boolean('true or false').default(false),
  /** Installs `policy.yaml` with the stack. Remove it after the first policy that somebody approved. */
  bootstrap: z.boolean('true or false').default(false),
  /** One person may propose and approve, because nobody else could. The audit trail says so each time. */
  onePerson: z.boolean('true or false').default(false),
  /** Deploys SutureAudit: changes of the ledger go to a hash-chained, locked bucket. */
  audit: z.boolean('true or false').default(false),
  /**
   * On the command line alone: deploys the ledger with its first indexes only. CloudFormation adds one at a time to a
   * table that exists, and `npm run upgrade-ledger` goes step by step.
   */
  ledgerIndexes: z.coerce
    .number(LEDGER_INDEXES)
    .int(LEDGER_INDEXES)
    .min(1, LEDGER_INDEXES)
    .max(Object.keys(INDEXES).length, LEDGER_INDEXES)
    .optional(),
  /** Your organization's tags, on every resource that takes tags, the member roles among them. */
  tags: Tags.default({}),
  /** Everything in one account, without an organization (stacks/trial.ts). */
  trial: z.boolean('true or false').default(false),
  /** Packages of remediations outside this repository: names in node_modules, or folders relative to it. */
  remediations: z.array(z.string('a name or a folder').min(1, 'a name or a folder'), 'a list of packages').default([]),
  api: Api.default({ logRole: true }),
  /** By name of a function. Lambda refuses a reservation that leaves less than its minimum of the quota unreserved. */
  reservedConcurrency: z
    .record(z.string(), z.int(RESERVATION).min(2, RESERVATION), 'an object with names of functions')
    .default({}),
  rollout: Rollout.optional(),
  identityCenter: IdentityCenter.optional(),
  /** Identity providers of IAM whose people assume the roles of viewer, operator and approver. */
  federation: Federation.default([]),
  ipRanges: IpRangesContext.optional(),
  /** Deploys SutureMessages: chats, tickets and mail of owners (docs/messages.md). */
  messages: MessagesContext.optional(),
});
export type SutureContext = z.infer<typeof SutureContext>;
export type Rollout = z.infer<typeof Rollout>;
export type IdentityCenter = z.infer<typeof IdentityCenter>;

const LISTS: ReadonlySet<string> = new Set([
  'regions',
  'excludedAccounts',
  'remediations',
] satisfies (keyof SutureContext)[]);
const FLAGS: ReadonlySet<string> = new Set([
  'audit',
  'responseRole',
  'bootstrap',
  'onePerson',
  'trial',
] satisfies (keyof SutureContext)[]);
const OBJECTS: ReadonlySet<string> = new Set([
  'api',
  'federation',
  'reservedConcurrency',
  'rollout',
  'identityCenter',
  'ipRanges',
  'messages',
  'tags',
] satisfies (keyof SutureContext)[]);

/** @throws Error naming each wrong key, its value and what is expected */
export function readContext(node: Node): SutureContext {
  const given = overrides(node);
  const written = node.tryGetContext('suture');
  if (Object.hasOwn(Object(written), 'ledgerIndexes'))
    throw new Error('context.suture.ledgerIndexes is not a setting of an installation: remove it from cdk.json.');
  if (given.trial === true) return parseContext(trialSettings(given));
  return parseContext({ ...written, ...given });
}

/** The example in this repository's cdk.json, which belongs to nobody. */
export const EXAMPLE_ORGANIZATION = 'o-sandbox0001';

/** Reads the context of cdk.json, for programs that run outside a CDK app. */
export async function readCdkJsonContext(): Promise<SutureContext> {
  const file = new URL('../cdk.json', import.meta.url);
  return parseContext(JSON.parse(await readFile(file, 'utf8')).context.suture);
}

export function parseContext(given: unknown): SutureContext {
  const parsed = SutureContext.safeParse(given);
  const problems = parsed.success
    ? contradictions(parsed.data)
    : parsed.error.issues.flatMap((issue) => problemsOf(issue, given));
  if (parsed.success && problems.length === 0) return parsed.data;
  throw new Error(
    `The context of Suture is invalid.\n${problems.join('\n')}\nCorrect cdk.json, or -c suture:<key>=<value>.`,
  );
}

function contradictions(context: SutureContext): string[] {
  const { partition, securityAccount, serviceAccount, rollout, trial, federation } = context;
  const ownAccounts = [securityAccount, serviceAccount];
  return [
    ...regionProblems(context),
    ...federationProblems(federation, { partition, account: securityAccount }),
    ...messagesProblems(context),
    ...(securityAccount === serviceAccount && !trial
      ? [
          `context.suture.serviceAccount is "${serviceAccount}": expected another account than securityAccount; both have a key, a topic and roles of the same names`,
        ]
      : []),
    ...(rollout && ownAccounts.includes(rollout.managementAccount)
      ? [
          `context.suture.rollout.managementAccount is "${rollout.managementAccount}": expected another account than Suture's own; no service control policy would bind what runs there`,
        ]
      : []),
  ];
}

export const securityPlace = ({ prefix, partition, securityAccount, homeRegion }: SutureContext) => ({
  prefix,
  partition,
  account: securityAccount,
  region: homeRegion,
});
export const servicePlace = ({ prefix, partition, serviceAccount, homeRegion }: SutureContext) => ({
  prefix,
  partition,
  account: serviceAccount,
  region: homeRegion,
});

/**
 * Returns the accounts whose findings triage rejects: Suture's own, the excluded ones, and the management account
 * unless it has the role. In a trial, Suture's own account is the only one that there is, so it is not among them.
 */
export const excludedAccounts = (context: SutureContext): string[] => [
  ...(context.trial ? [] : [context.securityAccount, context.serviceAccount]),
  ...context.excludedAccounts,
  ...managementWithoutRole(context),
];

const managementWithoutRole = ({ rollout }: SutureContext): string[] => [
  ...(rollout && !rollout.roleInManagementAccount ? [rollout.managementAccount] : []),
];

export const handledRegions = ({ homeRegion, regions }: Pick<SutureContext, 'homeRegion' | 'regions'>): string[] => [
  ...new Set([homeRegion, ...regions]),
];

/** ARNs of Security Hub's own product, under which no account can import findings, in the Regions of the context. */
export const securityHubProducts = (context: SutureContext): string[] =>
  handledRegions(context).map((region) => `arn:${context.partition}:securityhub:${region}::product/aws/securityhub`);

/** Parses values of the command line: text, comma-separated lists, or JSON objects. */
function overrides(node: Node): Record<string, unknown> {
  const values = Object.keys(SutureContext.shape).map((key) => [key, node.tryGetContext(`suture:${key}`)] as const);
  return Object.fromEntries(
    values.filter(([, value]) => value !== undefined).map(([key, value]) => [key, parseOverride(key, value)]),
  );
}

function parseOverride(key: string, value: unknown): unknown {
  if (LISTS.has(key)) return String(value).split(',').filter(Boolean);
  if (FLAGS.has(key)) return value === 'true' || (value === 'false' ? false : value);
  if (!OBJECTS.has(key)) return String(value);
  try {
    return JSON.parse(String(value));
  } catch {
    throw new Error(`-c suture:${key} is ${JSON.stringify(value)}: expected a JSON object.`);
  }
}

function problemsOf(issue: z.core.$ZodIssue, given: unknown): string[] {
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(schemaAt(issue.path).shape).join(', ');
    return issue.keys.map((key) => `${nameOf([...issue.path, key])}: no such key; there are ${known}`);
  }
  const value = issue.path.reduce((of: any, key) => of?.[key], given);
  const actual = value === undefined ? 'is missing' : `is ${JSON.stringify(value)}`;
  const expected = issue.code === 'invalid_type' && issue.expected === 'string' ? 'a string' : issue.message;
  return [`${nameOf(issue.path)} ${actual}: expected ${expected}`];
}

const nameOf = (path: readonly PropertyKey[]) => ['context.suture', ...path.map(String)].join('.');

function schemaAt(path: readonly PropertyKey[]): z.ZodObject {
  const bare = (schema: any): z.ZodObject => (schema.def.innerType ? bare(schema.def.innerType) : schema);
  return path.reduce<z.ZodObject>((of, key) => bare(of.shape[String(key)]), SutureContext);
}
