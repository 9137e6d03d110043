/** Accounts, Regions and ids of an installation: `context.suture` of cdk.json, each overridden by `-c suture:<name>=<value>`. */
import type { Node } from 'constructs';
import * as z from 'zod';
import { IpRangesContext } from './ip-ranges/context.ts';

const account = z.string().regex(/^\d{12}$/, 'the 12 digits of an account id, as a string');
const region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a Region, such as us-east-1');

/** How the member role reaches the accounts of the organization. */
const Rollout = z.strictObject({
  managementAccount: account,
  /** Where the StackSet is made: the management account, or one that is delegated administrator of StackSets. */
  account,
  /** Organizational units, or the root, whose accounts get the role; those below them too. */
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
  /** Lets Suture remediate in the management account too, where no service control policy protects the role. */
  roleInManagementAccount: z.boolean('true or false').default(false),
});

const groups = z
  .array(
    z.string().regex(/^([0-9a-f]{10}-)?[0-9a-f-]{36}$/, 'the id of a group of Identity Center'),
    'a list of groups',
  )
  .default([]);

/** Permission sets for people, where IAM Identity Center is. */
const IdentityCenter = z.strictObject({
  /** The account and the Region of the instance: the management account, or a delegated administrator. */
  account,
  region,
  instanceArn: z.string().regex(/^arn:[\w-]+:sso:::instance\/(sso)?ins-[a-zA-Z0-9-.]{16}$/, 'the ARN of an instance'),
  /** Ids of the groups that may be what. */
  groups: z
    .strictObject({ viewer: groups, operator: groups, approver: groups })
    .default({ viewer: [], operator: [], approver: [] }),
});

const SutureContext = z.strictObject({
  organizationId: z.string().regex(/^o-[a-z0-9]{10,32}$/, 'the id of the organization, such as o-a1b2c3d4e5'),
  partition: z.enum(['aws', 'aws-cn', 'aws-us-gov'], 'aws, aws-cn or aws-us-gov').default('aws'),
  /** Administrator of Security Hub; its rules, workflow and ledger live there. */
  securityAccount: account,
  /** Holds the remediations' functions and roles, and the journal. */
  serviceAccount: account,
  /** The Region into which Security Hub aggregates findings. */
  homeRegion: region,
  /** The Regions from which findings come. */
  regions: z.array(region, 'a list of Regions').min(1, 'at least one Region'),
  externalId: z.string().regex(/^[\w+=,.@:/-]{8,1224}$/, '8 to 1,224 of letters, digits and _+=,.@:/-'),
  /** Accounts in which nothing is remediated, besides the two above. */
  excludedAccounts: z.array(account, 'a list of account ids').default([]),
  /** Lets remediations respond to threats, by a second role in each account. */
  responseRole: z.boolean('true or false').default(false),
  rollout: Rollout.optional(),
  identityCenter: IdentityCenter.optional(),
  ipRanges: IpRangesContext.optional(),
});
export type SutureContext = z.infer<typeof SutureContext>;
export type Rollout = z.infer<typeof Rollout>;
export type IdentityCenter = z.infer<typeof IdentityCenter>;

const LISTS: ReadonlySet<string> = new Set(['regions', 'excludedAccounts'] satisfies (keyof SutureContext)[]);
const FLAGS: ReadonlySet<string> = new Set(['responseRole'] satisfies (keyof SutureContext)[]);
const OBJECTS: ReadonlySet<string> = new Set([
  'rollout',
  'identityCenter',
  'ipRanges',
] satisfies (keyof SutureContext)[]);

/** The validated context of the app. Throws an error that names every wrong key, its value and what is expected. */
export const readContext = (node: Node): SutureContext =>
  parseContext({ ...node.tryGetContext('suture'), ...overrides(node) });

/** `context.suture` of cdk.json, validated; for those who run outside a CDK app. */
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

/** Accounts that must be apart, or be the same. */
function contradictions({ securityAccount, serviceAccount, rollout }: SutureContext): string[] {
  const own = [securityAccount, serviceAccount];
  return [
    ...(securityAccount === serviceAccount
      ? [
          `context.suture.serviceAccount is "${serviceAccount}": expected another account than securityAccount; both have a key, a topic and roles of the same names`,
        ]
      : []),
    ...(rollout && own.includes(rollout.managementAccount)
      ? [
          `context.suture.rollout.managementAccount is "${rollout.managementAccount}": expected another account than Suture's own; no service control policy would bind what runs there`,
        ]
      : []),
  ];
}

/** In which triage rejects every finding: those named, and the management account as long as it has no role. */
export const excludedAccounts = ({ excludedAccounts, rollout }: SutureContext): string[] => [
  ...excludedAccounts,
  ...(rollout && !rollout.roleInManagementAccount ? [rollout.managementAccount] : []),
];

/** Values on the command line are text; lists are separated by commas, objects are JSON. */
function overrides(node: Node): Record<string, unknown> {
  const given = Object.keys(SutureContext.shape).map((key) => [key, node.tryGetContext(`suture:${key}`)] as const);
  return Object.fromEntries(
    given.filter(([, value]) => value !== undefined).map(([key, value]) => [key, read(key, value)]),
  );
}

function read(key: string, value: unknown): unknown {
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
  const met = value === undefined ? 'is missing' : `is ${JSON.stringify(value)}`;
  const wanted = issue.code === 'invalid_type' && issue.expected === 'string' ? 'a string' : issue.message;
  return [`${nameOf(issue.path)} ${met}: expected ${wanted}`];
}

const nameOf = (path: readonly PropertyKey[]) => ['context.suture', ...path.map(String)].join('.');

/** The object of the schema at a path of keys. */
function schemaAt(path: readonly PropertyKey[]): z.ZodObject {
  const bare = (schema: any): z.ZodObject => (schema.def.innerType ? bare(schema.def.innerType) : schema);
  return path.reduce<z.ZodObject>((of, key) => bare(of.shape[String(key)]), SutureContext);
}
