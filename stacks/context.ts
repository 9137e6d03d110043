/** Accounts, Regions and ids of an installation: `context.suture` of cdk.json, each overridden by `-c suture:<name>=<value>`. */
import type { Node } from 'constructs';
import * as z from 'zod';

const account = z.string().regex(/^\d{12}$/, 'the 12 digits of an account id, as a string');
const region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a Region, such as us-east-1');

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
});
export type SutureContext = z.infer<typeof SutureContext>;

const LISTS: ReadonlySet<string> = new Set(['regions', 'excludedAccounts'] satisfies (keyof SutureContext)[]);

/** The validated context of the app. Throws an error that names every wrong key, its value and what is expected. */
export const readContext = (node: Node): SutureContext =>
  parseContext({ ...node.tryGetContext('suture'), ...overrides(node) });

/** `context.suture` of cdk.json, validated; for those who run outside a CDK app. */
export function parseContext(given: unknown): SutureContext {
  const parsed = SutureContext.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue, given));
  throw new Error(
    `The context of Suture is invalid.\n${problems.join('\n')}\nCorrect cdk.json, or -c suture:<key>=<value>.`,
  );
}

/** Values on the command line are text; lists are separated by commas. */
function overrides(node: Node): Record<string, unknown> {
  const given = Object.keys(SutureContext.shape).map((key) => [key, node.tryGetContext(`suture:${key}`)] as const);
  return Object.fromEntries(
    given
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, LISTS.has(key) ? String(value).split(',').filter(Boolean) : String(value)]),
  );
}

function problemsOf(issue: z.core.$ZodIssue, given: unknown): string[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map(
      (key) => `context.suture.${key}: no such key; there are ${Object.keys(SutureContext.shape).join(', ')}`,
    );
  const value = issue.path.reduce((of: any, key) => of?.[key], given);
  const met = value === undefined ? 'is missing' : `is ${JSON.stringify(value)}`;
  const wanted = issue.code === 'invalid_type' && issue.expected === 'string' ? 'a string' : issue.message;
  return [`context.suture.${issue.path.join('.')} ${met}: expected ${wanted}`];
}
