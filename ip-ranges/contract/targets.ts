/**
 * Configuration of the ip-ranges function, and the names under which it marks what is its own. The environment holds
 * `IP_RANGES`, JSON of `IpRangesConfiguration`, and the variables of AWS's published recipe as defaults for its targets;
 * without targets, they make one. docs/ip-ranges.md describes both.
 */
import * as z from 'zod';
import { SutureError } from '../../functions/contract/errors.ts';
import type { InstallationId } from '../../functions/domain/names.ts';
import type { LedgerKey } from '../../functions/domain/stops.ts';

/** Publishes changes, in us-east-1. https://docs.aws.amazon.com/vpc/latest/userguide/subscribe-notifications.html */
export const IP_RANGES_TOPIC = 'arn:aws:sns:us-east-1:806199016981:AmazonIpSpaceChanged';
/** Value of `suture:remediation` on the function's role and on its sessions in other accounts. */
export const IP_RANGES_ID = 'ip-ranges';

/** Tag of the rules, groups and lists that the function created or a person let it adopt; its value is the target's name. Nothing else is ever revoked. */
export const ownTag = ({ prefix }: InstallationId): string => `${prefix}:ip-ranges`;
/** The published recipe's tag: groups of the VPC that have the prefix as its value are the target's. */
export const PREFIX_TAG = 'PREFIX_NAME';
/** Entries of prefix lists have no tags: the function's own have this in the description, before the target's name. */
export const ownEntry = ({ prefix }: InstallationId): string => `${prefix} `;

/** Partition of all that the function keeps in the ledger. */
export const IP_RANGES_PARTITION = 'ip-ranges';
/** Returns the key of the newest syncToken that a target was brought to, and of the result. */
export const targetKey = (target: string): LedgerKey => ({ pk: IP_RANGES_PARTITION, sk: `target#${target}` });
/** Returns the key of the lease that the one run which writes to a target holds. */
export const leaseKey = (target: string): LedgerKey => ({ pk: IP_RANGES_PARTITION, sk: `lease#${target}` });

/** Source and type of the event for subscribers, on the default bus of the function's account. */
export const IP_RANGES_EVENT = { source: 'suture', detailType: 'Suture IP Ranges Changed' } as const;

/** Names of metrics, without dimensions, over all targets; `Refused`, `TargetsFailed` and `Orphans` have an alarm. */
export const IP_RANGES_METRICS = {
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

export type Ports = { readonly protocol: 'tcp' | 'udp'; readonly from: number; readonly to: number };

/** `443`, `8000-8080`, `443/udp`. */
const portText = z.string().transform((text, context): Ports => {
  const [, from, to = from, protocol = 'tcp'] = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp))?$/.exec(text.trim()) ?? [];
  const ports = { protocol: protocol as Ports['protocol'], from: Number(from), to: Number(to) };
  if (ports.from <= ports.to && ports.to <= 65_535) return ports;
  context.addIssue({ code: 'custom', message: 'must be a port or a range, such as 443, 8000-8080 or 443/udp' });
  return z.NEVER;
});

const atLeastOne = <T extends z.ZodType>(of: T) => z.array(of).min(1, 'must hold at least one');
const like = (pattern: RegExp | string, message: string) => z.string().regex(new RegExp(pattern), `must be ${message}`);
const id = (prefix: string) => like(`^${prefix}-[0-9a-f]{8,17}$`, `the id ${prefix}-…`);
const name = (most: number) => like(`^[\\w.:/=+@-]{1,${most}}$`, `1 to ${most} of letters, digits and _.:/=+-@`);
const SHARED_WITH = /^(\d{12}|arn:[\w-]+:organizations::\d{12}:(organization|ou)\/[\w/-]+)$/;
const quota = (most: number) => z.union([z.int().min(1).max(most), z.literal('quota')]);

const targetShape = z.strictObject({
  /** Marks what belongs to the target; a new name is a new target. Default: the prefix. */
  name: name(60).optional(),
  /** Default: the function's own. */
  account: like(/^\d{12}$/, 'the 12 digits of an account id').optional(),
  region: like(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a Region, such as us-east-1').optional(),
  /** Groups of this VPC that have the prefix, created if there are none. Default: the Region's default VPC. */
  vpcId: id('vpc').optional(),
  /** Groups that exist, of one VPC; together they hold the ranges, so they belong on the same interfaces. */
  groups: z.array(id('sg')).min(1).optional(),
  prefixName: name(200).optional(),
  ports: atLeastOne(portText).optional(),
  families: atLeastOne(z.enum(['IPv4', 'IPv6'])).default(['IPv4', 'IPv6']),
  services: z
    .array(like(/^[A-Z0-9_]+$/, 'a service as the document names it'))
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
  /** Prefix list mode: who may name the list, by Resource Access Manager. */
  shareWith: z.array(like(SHARED_WITH, 'an account id, or the ARN of an organization or a unit')).optional(),
  /** Not updated any more. The updater's role may still remove what the target left. */
  retired: z.boolean().default(false),
});

const target = targetShape.superRefine((target, context) => {
  const { groups, vpcId, mode, rulesPerGroup, groupsPerInterface, maxEntries = 0 } = target;
  const problem = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
  if (groups && vpcId) problem('vpcId', 'must be absent beside groups, which lie in a VPC already');
  if (mode === 'prefix-list' && (groups || vpcId))
    problem(groups ? 'groups' : 'vpcId', 'must be absent in prefix list mode: rules of any group may name the list');
  // `quota` is not a number, so it is neither greater nor less than one.
  if (Number(rulesPerGroup) * Number(groupsPerInterface) > 1000)
    problem('rulesPerGroup', 'times groupsPerInterface must be at most 1,000, AWS takes no more');
  if (maxEntries > Number(rulesPerGroup))
    problem('maxEntries', `must be at most rulesPerGroup, ${rulesPerGroup}: no group could name the list`);
});

export const IpRangesConfiguration = z.strictObject({ targets: atLeastOne(target) });
/** The configuration as people write it, with ports as text. */
export type IpRangesInput = z.input<typeof IpRangesConfiguration>;

export type OtherTarget = Pick<IpRangesTarget, 'name' | 'mode' | 'prefixName' | 'vpcId' | 'groups'>;

type Defaulted = 'name' | 'account' | 'region' | 'prefixName' | 'ports' | 'services';
/** A target in full, except for what only its account can say. */
export type IpRangesTarget = z.output<typeof targetShape> &
  Required<Pick<z.output<typeof targetShape>, Defaulted>> & {
    /** `333333333333/eu-west-1/AUTOUPDATE`; its key in ledger, logs and results. */
    readonly key: string;
    /** The other targets of its account and Region that are updated. */
    readonly others: readonly OtherTarget[];
  };

export const DEFAULT_SERVICE = 'CLOUDFRONT_ORIGIN_FACING';
export const DEFAULT_TAG_PREFIX = 'AUTOUPDATE';

/**
 * Returns the targets that these environment variables configure.
 * @param own the function's account and Region
 * @throws SutureError ConfigurationInvalid that names each wrong value
 */
export function ipRangesTargets(
  environment: Readonly<Record<string, string | undefined>>,
  own: { readonly account: string; readonly region: string },
): IpRangesTarget[] {
  const { IP_RANGES, VPC_ID: vpcId, PORTS, PREFIX_NAME: prefixName, SERVICE, REGION: region } = environment;
  const [ports, services] = [PORTS, SERVICE].map((list) => (list || undefined)?.split(',').map((one) => one.trim()));
  const given = Object.entries({ vpcId, ports, prefixName, services, region }).filter(([, value]) => value?.length);
  const names = 'the variables VPC_ID, PORTS, PREFIX_NAME, SERVICE, REGION';
  const { vpcId: defaultVpc, ...defaults } = parsed(targetShape.partial(), Object.fromEntries(given), names);
  const configuration = IP_RANGES ? jsonIn(IP_RANGES) : { targets: [{}] };
  const targets = parsed(IpRangesConfiguration, configuration, 'IP_RANGES').targets.map((target): IpRangesTarget => {
    const prefixName = target.prefixName ?? defaults.prefixName ?? DEFAULT_TAG_PREFIX;
    const full = {
      ...target,
      vpcId: target.groups || target.mode === 'prefix-list' ? undefined : (target.vpcId ?? defaultVpc),
      name: target.name ?? prefixName,
      account: target.account ?? own.account,
      region: target.region ?? defaults.region ?? own.region,
      prefixName,
      ports: target.ports ?? defaults.ports ?? [{ protocol: 'tcp', from: 80, to: 80 }],
      services: target.services ?? defaults.services ?? [DEFAULT_SERVICE],
    };
    return { ...full, key: `${full.account}/${full.region}/${full.name}`, others: [] };
  });
  const problems = targets.flatMap((target, n) => targets.slice(n + 1).flatMap((other) => conflicts(target, other)));
  if (problems.length > 0) throw invalid('IP_RANGES', problems);
  return targets.map((target) => {
    const others = targets.filter((other) => other !== target && !other.retired && isBeside(target, other));
    return { ...target, others };
  });
}

const isBeside = (a: IpRangesTarget, b: IpRangesTarget) => a.account === b.account && a.region === b.region;

/** Returns why two targets cannot exist together: of a shared group, each would revoke the other's rules. */
function conflicts(a: IpRangesTarget, b: IpRangesTarget): string[] {
  if (!isBeside(a, b)) return [];
  const where = `in ${a.account}, ${a.region}`;
  if (a.name === b.name) return [`two targets are called ${a.name} ${where}: give each a name`];
  const shared = (a.groups ?? []).filter((id) => b.groups?.includes(id));
  if (shared.length === 0 || a.retired || b.retired) return [];
  return [`the targets ${a.name} and ${b.name} ${where} share ${shared.join(', ')}: give each groups of its own`];
}

/** Returns a target that the ledger knows and nobody configures any more. */
export function orphanTarget({ key, mode }: Pick<IpRangesTarget, 'key' | 'mode'>): IpRangesTarget {
  const [account = '', region = '', ...name] = key.split('/');
  const target = { account, region, name: name.join('/'), mode, retired: true };
  return ipRangesTargets({ IP_RANGES: JSON.stringify({ targets: [target] }) }, target)[0]!;
}

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
  const problems = result.error.issues.map(({ path, message }) => {
    const value = path.reduce((of: any, key) => of?.[key], given);
    return `${path.join('.')}${value === undefined ? '' : ` is ${JSON.stringify(value)}`}: ${message}`;
  });
  throw invalid(where, problems);
}

const invalid = (where: string, problems: readonly string[]) =>
  new SutureError(
    'ConfigurationInvalid',
    `${where}: ${problems.join('; ')}. Correct the configuration and deploy again.`,
  );
