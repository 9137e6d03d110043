/** `context.suture` of cdk.json, each value overridden by `-c suture:<name>=<value>`. */
import { readFile } from 'node:fs/promises';
import type { Node } from 'constructs';
import * as z from 'zod';
import { IpRangesContext } from './ip-ranges/context.ts';

const account = z.string().regex(/^\d{12}$/, 'the 12 digits of an account id, as a string');
const region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a Region, such as us-east-1');

const Rollout = z.strictObject({
  managementAccount: account,
  /** The management account or a delegated administrator of StackSets. */
  account,
  /** Organizational units, or the root, whose accounts (nested units included) get the role. */
  units: z
    .array(
      z
        .string()
        .regex(
          /^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$/,
          'the id of a unit or the root, such as ou-ab12-cdefgh34',
        ),
      'a list of units',
    )
    .min(1, 'at least one unit: without any, no account gets the role'),
  /** Service control policies do not apply in the management account. */
  roleInManagementAccount: z.boolean('true or false').default(false),
  /** In these units, nobody but Security Hub's administrator account changes the status of findings. */
  protectFindings: z.boolean('true or false').optional(),
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
  /** Through these alone the API is reached; without any, over the internet too. IAM decides in both cases. */
  vpcEndpoints: z
    .array(z.string().regex(/^vpce-[0-9a-f]{8,17}$/, 'the id of an interface endpoint, such as vpce-0123456789abcdef0'))
    .min(1, 'at least one endpoint')
    .optional(),
  /** Sets the role with which API Gateway writes logs in this account and Region. Turn it off if there is one. */
  logRole: z.boolean('true or false').default(true),
});

const SutureContext = z.strictObject({
  organizationId: z.string().regex(/^o-[a-z0-9]{10,32}$/, 'the id of the organization, such as o-a1b2c3d4e5'),
  partition: z.enum(['aws', 'aws-cn', 'aws-us-gov'], 'aws, aws-cn or aws-us-gov').default('aws'),
  /** Security Hub's administrator; has rules, workflow and ledger. */
  securityAccount: account,
  /** Has the remediations' functions and roles, and the journal. */
  serviceAccount: account,
  /** Security Hub aggregates findings into this Region. */
  homeRegion: region,
  regions: z.array(region, 'a list of Regions').min(1, 'at least one Region'),
  externalId: z.string().regex(/^[\w+=,.@:/-]{8,1224}$/, '8 to 1,224 of letters, digits and _+=,.@:/-'),
  /** Further accounts in which Suture remediates nothing. */
  excludedAccounts: z.array(account, 'a list of account ids').default([]),
  /** Deploys a second member role, for remediations that respond to threats. */
  responseRole: z.boolean('true or false').default(false),
  /** Installs `policy.yaml` with the stack. Remove it after the first policy that somebody approved. */
  bootstrap: z.boolean('true or false').default(false),
  /** Nobody else could approve policies and resumptions, so that one person may do both. The audit trail says so. */
  onePerson: z.boolean('true or false').default(false),
  /** Deploys SutureAudit: changes of the ledger go to a hash-chained, locked bucket. */
  audit: z.boolean('true or false').default(false),
  /** Packages of remediations outside this repository: names in node_modules, or folders relative to it. */
  remediations: z.array(z.string('a name or a folder').min(1, 'a name or a folder'), 'a list of packages').default([]),
  api: Api.default({ logRole: true }),
  rollout: Rollout.optional(),
  identityCenter: IdentityCenter.optional(),
  ipRanges: IpRangesContext.optional(),
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
] satisfies (keyof SutureContext)[]);
const OBJECTS: ReadonlySet<string> = new Set([
  'api',
  'rollout',
  'identityCenter',
  'ipRanges',
] satisfies (keyof SutureContext)[]);

/** @throws Error naming each wrong key, its value and what is expected */
export const readContext = (node: Node): SutureContext =>
  parseContext({ ...node.tryGetContext('suture'), ...overrides(node) });

/** The example in this repository's cdk.json, which belongs to nobody. */
export const EXAMPLE_ORGANIZATION = 'o-sandbox0001';

/** For programs that run outside a CDK app. */
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

function contradictions({ securityAccount, serviceAccount, rollout }: SutureContext): string[] {
  const ownAccounts = [securityAccount, serviceAccount];
  return [
    ...(securityAccount === serviceAccount
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

export const securityPlace = ({ partition, securityAccount, homeRegion }: SutureContext) => ({
  partition,
  account: securityAccount,
  region: homeRegion,
});
export const servicePlace = ({ partition, serviceAccount, homeRegion }: SutureContext) => ({
  partition,
  account: serviceAccount,
  region: homeRegion,
});

/** Triage rejects findings of these accounts: the excluded ones, and the management account unless it has the role. */
export const excludedAccounts = ({ excludedAccounts, rollout }: SutureContext): string[] => [
  ...excludedAccounts,
  ...(rollout && !rollout.roleInManagementAccount ? [rollout.managementAccount] : []),
];

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
