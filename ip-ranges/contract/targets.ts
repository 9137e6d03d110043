/**
 * Configuration of the ip-ranges function, and the names under which it marks what is its own.
 *
 * Environment of the function:
 *
 * | variable | what |
 * |---|---|
 * | `IP_RANGES` | JSON of `IpRangesConfiguration`; may be absent if the published recipe's variables are enough |
 * | `VPC_ID` | of targets that name neither VPC nor groups; absent: the Region's default VPC |
 * | `PORTS` | `80,443,8000-8080`, also `443/udp`; default 80 |
 * | `PREFIX_NAME` | name and tag of groups; default AUTOUPDATE |
 * | `SERVICE` | one or several, by commas; default CLOUDFRONT_ORIGIN_FACING |
 * | `REGION` | where the groups are; default the function's own |
 * | `DEBUG` | `true`: verbose logs |
 * | `LEDGER_TABLE`, `LEDGER_REGION` | the ledger; its Region may be absent where it is the function's own |
 * | `MEMBER_ROLE`, `EXTERNAL_ID` | path and name of the role in other accounts, and the external id of its trust; absent without such targets |
 *
 * Variables are defaults: what a target of `IP_RANGES` says itself goes first. Without targets, they make one.
 */
import * as z from 'zod';
import { SutureError } from '../../functions/contract/errors.ts';
import type { LedgerKey } from '../../functions/domain/stops.ts';

/** The only host that documents come from, whatever a message says. */
export const IP_RANGES_HOST = 'ip-ranges.amazonaws.com';
export const IP_RANGES_PATH = '/ip-ranges.json';
/** Publishes changes, in us-east-1. https://docs.aws.amazon.com/vpc/latest/userguide/subscribe-notifications.html */
export const IP_RANGES_TOPIC = 'arn:aws:sns:us-east-1:806199016981:AmazonIpSpaceChanged';
/** Value of `suture:remediation` on the function's role and on its sessions in other accounts. */
export const IP_RANGES_ID = 'ip-ranges';

/** Tag of the rules, groups and lists that the function created or a person let it adopt; its value is the target's name. Nothing else is ever revoked. */
export const OWN_TAG = 'suture:ip-ranges';
/** The published recipe's tag: groups of the VPC that have the prefix as its value are the target's. */
export const PREFIX_TAG = 'PREFIX_NAME';
/** Entries of prefix lists have no tags; those of the function have a description that begins so, before the target's name. */
export const OWN_ENTRY = 'suture ';

/** Partition of all that the function keeps in the ledger. */
export const IP_RANGES_PARTITION = 'ip-ranges';
/** The newest syncToken that a target was brought to, and with what result. */
export const targetKey = (target: string): LedgerKey => ({ pk: IP_RANGES_PARTITION, sk: `target#${target}` });
/** Held by the one run that writes to a target. */
export const leaseKey = (target: string): LedgerKey => ({ pk: IP_RANGES_PARTITION, sk: `lease#${target}` });

/** Source and type of the event for subscribers, on the default bus of the function's account. */
export const IP_RANGES_EVENT = { source: 'suture', detailType: 'Suture IP Ranges Changed' } as const;

/** Names of metrics, without dimensions; `Refused`, `TargetsFailed` and `Orphans` have an alarm. */
export const IP_RANGES_METRICS = {
  /** Ranges that are wanted, over all targets. */
  ranges: 'IpRangesWanted',
  added: 'IpRangesAdded',
  removed: 'IpRangesRemoved',
  groups: 'IpRangesGroups',
  /** Seconds since the document was published. */
  age: 'IpRangesDocumentAge',
  /** Documents that were not applied in full: a service without ranges, a shrink beyond the limit, a row that is wrong. */
  refused: 'IpRangesRefused',
  targetsFailed: 'IpRangesTargetsFailed',
  /** Targets that are not configured any more and left rules, groups or lists. */
  orphans: 'IpRangesOrphans',
} as const;

/** Quotas of Amazon VPC: rules per security group, security groups per network interface. */
export const QUOTA_CODES = { rulesPerGroup: 'L-0EA8095F', groupsPerInterface: 'L-2AFB9258' } as const;

const PORT = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp))?$/;
export type Ports = { readonly protocol: 'tcp' | 'udp'; readonly from: number; readonly to: number };

/** `443`, `8000-8080`, `443/udp`. */
const PortText = z.string().transform((text, context): Ports => {
  const [, from, to = from, protocol = 'tcp'] = PORT.exec(text.trim()) ?? [];
  const ports = { protocol: protocol as Ports['protocol'], from: Number(from), to: Number(to) };
  if (from !== undefined && ports.from <= ports.to && ports.to <= 65_535) return ports;
  context.addIssue({ code: 'custom', message: 'must be a port or a range, such as 443, 8000-8080 or 443/udp' });
  return z.NEVER;
});

const id = (prefix: string) => z.string().regex(new RegExp(`^${prefix}-[0-9a-f]{8,17}$`), `must be the id ${prefix}-…`);
const SHARED = 'must be an account id, or the ARN of an organization or a unit';
const quota = (most: number) => z.union([z.int().min(1).max(most), z.literal('quota')]);

const TargetShape = z.strictObject({
  /** Marks what belongs to the target; a new name is a new target. Default: the prefix. */
  name: z
    .string()
    .regex(/^[\w.:/=+@-]{1,60}$/, 'must be 1 to 60 of letters, digits and _.:/=+-@')
    .optional(),
  /** Default: the function's own. */
  account: z
    .string()
    .regex(/^\d{12}$/, 'must be the 12 digits of an account id')
    .optional(),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a Region, such as us-east-1')
    .optional(),
  /** Groups of this VPC that have the prefix, created if there are none. Default: the Region's default VPC. */
  vpcId: id('vpc').optional(),
  /** Groups that exist, of one VPC; together they hold the ranges, so they belong on the same interfaces. */
  groups: z.array(id('sg')).min(1).optional(),
  prefixName: z
    .string()
    .regex(/^[\w.:/=+@-]{1,200}$/, 'must be 1 to 200 of letters, digits and _.:/=+-@')
    .optional(),
  ports: z.array(PortText).min(1, 'must hold at least one').optional(),
  families: z
    .array(z.enum(['IPv4', 'IPv6']))
    .min(1, 'must hold at least one')
    .default(['IPv4', 'IPv6']),
  services: z
    .array(z.string().regex(/^[A-Z0-9_]+$/, 'must be a service as the document names it'))
    .min(1)
    .optional(),
  /** Regions as the document names them, GLOBAL among them. Default: all. */
  regions: z.array(z.string().min(1)).min(1).optional(),
  /**
   * `raw` keeps the published rows, and a document that adds a row costs one call. `minimal` lets in the same addresses
   * by the fewest ranges, and a row that joins another one costs two.
   */
  cover: z.enum(['minimal', 'raw']).default('raw'),
  mode: z.enum(['security-groups', 'prefix-list']).default('security-groups'),
  /** Inbound rules that a group takes, for each family; `quota` asks Service Quotas. No list becomes larger. */
  rulesPerGroup: quota(1000).default(60),
  /** Groups that a network interface or a load balancer takes; `quota` asks Service Quotas. */
  groupsPerInterface: quota(16).default(5),
  /** Percent of the ranges, and of the addresses, of a family that a document may take away. 100: all but the last range. */
  shrinkLimit: z.number().min(0).max(100).default(50),
  /** Prefix list mode: MaxEntries from the beginning, so that rules which name the list keep their weight. */
  maxEntries: z.int().min(1).max(1000).optional(),
  /** Prefix list mode: accounts, or ARNs of the organization or its units, that may name the list, by Resource Access Manager. */
  shareWith: z
    .array(z.string().regex(/^(\d{12}|arn:[\w-]+:organizations::\d{12}:(organization|ou)\/[\w/-]+)$/, SHARED))
    .optional(),
  /** Not updated any more; what it left is an orphan, which its role may still take away. */
  retired: z.boolean().default(false),
});

const Target = TargetShape.superRefine((target, context) => {
  const { groups, vpcId, mode, rulesPerGroup, groupsPerInterface, maxEntries = 0 } = target;
  const problem = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
  if (groups && vpcId) problem('vpcId', 'must not be there beside groups, which lie in a VPC already');
  if (mode === 'prefix-list' && (groups || vpcId))
    problem(groups ? 'groups' : 'vpcId', 'must not be there in prefix list mode: rules of any group may name the list');
  if (typeof rulesPerGroup === 'number' && typeof groupsPerInterface === 'number')
    if (rulesPerGroup * groupsPerInterface > 1000)
      problem('rulesPerGroup', 'times groupsPerInterface must be at most 1,000, AWS takes no more');
  if (typeof rulesPerGroup === 'number' && maxEntries > rulesPerGroup)
    problem('maxEntries', `must be at most rulesPerGroup, ${rulesPerGroup}: no group could name the list`);
});

export const IpRangesConfiguration = z.strictObject({ targets: z.array(Target).min(1, 'must hold at least one') });
/** As it is written, ports as text. */
export type IpRangesInput = z.input<typeof IpRangesConfiguration>;

export type OtherTarget = Pick<IpRangesTarget, 'name' | 'mode' | 'prefixName' | 'vpcId' | 'groups'>;

/** A target in full, except for what only its account can say. */
export type IpRangesTarget = Omit<
  z.output<typeof TargetShape>,
  'name' | 'region' | 'prefixName' | 'ports' | 'services'
> & {
  readonly name: string;
  /** `333333333333/eu-west-1/AUTOUPDATE`; its key in ledger, logs and results. */
  readonly key: string;
  readonly account: string;
  readonly region: string;
  readonly prefixName: string;
  readonly ports: readonly Ports[];
  readonly services: readonly string[];
  /** The other targets of its account and Region that are updated. */
  readonly others: readonly OtherTarget[];
};

export const DEFAULT_SERVICE = 'CLOUDFRONT_ORIGIN_FACING';
export const DEFAULT_PREFIX = 'AUTOUPDATE';

/**
 * Returns the targets that an environment says, `own` being the function's account and Region.
 * @throws SutureError ConfigurationInvalid that names each wrong value
 */
export function ipRangesTargets(
  environment: Readonly<Record<string, string | undefined>>,
  own: { readonly account: string; readonly region: string },
): IpRangesTarget[] {
  const given = parsed(
    IpRangesConfiguration,
    environment.IP_RANGES ? jsonIn(environment.IP_RANGES) : { targets: [{}] },
    'IP_RANGES',
  );
  const defaults = parsed(
    TargetShape,
    variables(environment),
    'the variables VPC_ID, PORTS, PREFIX_NAME, SERVICE, REGION',
  );
  const targets = given.targets.map((target): IpRangesTarget => {
    const prefixName = target.prefixName ?? defaults.prefixName ?? DEFAULT_PREFIX;
    const name = target.name ?? prefixName;
    const account = target.account ?? own.account;
    const region = target.region ?? defaults.region ?? own.region;
    const needsVpc = !target.groups && target.mode === 'security-groups';
    return {
      ...target,
      ...(needsVpc && { vpcId: target.vpcId ?? defaults.vpcId }),
      name,
      account,
      region,
      key: `${account}/${region}/${name}`,
      prefixName,
      ports: target.ports ?? defaults.ports ?? [{ protocol: 'tcp', from: 80, to: 80 }],
      services: target.services ?? defaults.services ?? [DEFAULT_SERVICE],
      others: [],
    };
  });
  const problems = targets.flatMap((target, n) => targets.slice(n + 1).flatMap((other) => conflicts(target, other)));
  if (problems.length > 0) throw invalid('IP_RANGES', problems);
  return targets.map((target) => {
    const others = targets.filter((other) => other !== target && !other.retired && isBeside(target, other));
    return { ...target, others };
  });
}

const isBeside = (a: IpRangesTarget, b: IpRangesTarget) => a.account === b.account && a.region === b.region;

/** Two targets that share a group would revoke what the other one relies on. */
function conflicts(a: IpRangesTarget, b: IpRangesTarget): string[] {
  if (!isBeside(a, b)) return [];
  const where = `in ${a.account}, ${a.region}`;
  if (a.name === b.name) return [`two targets are called ${a.name} ${where}: give each a name`];
  const shared = (a.groups ?? []).filter((id) => b.groups?.includes(id));
  if (shared.length === 0 || a.retired || b.retired) return [];
  return [`the targets ${a.name} and ${b.name} ${where} share ${shared.join(', ')}: give each groups of its own`];
}

/** Returns a target that the ledger knows and nobody configures any more, `own` being the function's account and Region. */
export function orphanTarget(known: Pick<IpRangesTarget, 'key' | 'mode'>, own: { readonly account: string }) {
  const [account, region, ...name] = known.key.split('/');
  const target = { account, region, name: name.join('/'), mode: known.mode };
  return ipRangesTargets({ IP_RANGES: JSON.stringify({ targets: [target] }) }, { ...own, region: region! })[0]!;
}

const variables = ({ VPC_ID, PORTS, PREFIX_NAME, SERVICE, REGION }: Readonly<Record<string, string | undefined>>) => ({
  ...(VPC_ID && { vpcId: VPC_ID }),
  ...(PORTS && { ports: listed(PORTS) }),
  ...(PREFIX_NAME && { prefixName: PREFIX_NAME }),
  ...(SERVICE && { services: listed(SERVICE) }),
  ...(REGION && { region: REGION }),
});
const listed = (text: string) => text.split(',').map((one) => one.trim());

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid('IP_RANGES', [`is not JSON: ${(error as Error).message}`]);
  }
}

function parsed<T extends z.ZodType>(schema: T, given: unknown, where: string): z.output<T> {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  throw invalid(
    where,
    result.error.issues.map(({ path, message }) => {
      const value = path.reduce((of: any, key) => of?.[key], given);
      return `${path.join('.')}${value === undefined ? '' : ` is ${JSON.stringify(value)}`}: ${message}`;
    }),
  );
}

const invalid = (where: string, problems: readonly string[]) =>
  new SutureError(
    'ConfigurationInvalid',
    `${where}: ${problems.join('; ')}. Correct the configuration and deploy again.`,
  );
