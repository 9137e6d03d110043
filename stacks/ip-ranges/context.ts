/** `context.suture.ipRanges` of cdk.json: the updater's targets, and where it runs. */
import * as z from 'zod';
import { type IpRangesTarget, ipRangesTargets } from '../../ip-ranges/contract/targets.ts';

const variable = z.string('a string').optional();

export const IpRangesContext = z.strictObject({
  /** The function's Region; its targets may be in any Region. Default: the home Region. */
  region: z.string('a Region, such as us-east-1').optional(),
  /** `ip-ranges/contract/targets.ts` describes them; synthesis checks them. */
  targets: z.array(z.record(z.string(), z.unknown()), 'a list of targets').min(1, 'at least one target').optional(),
  /** Defaults for targets, with the names and meaning of AWS's published recipe. */
  variables: z
    .strictObject({
      VPC_ID: variable,
      PORTS: variable,
      PREFIX_NAME: variable,
      SERVICE: variable,
      REGION: variable,
      DEBUG: variable,
    })
    .default({}),
});
export type IpRangesContext = z.infer<typeof IpRangesContext>;

export type IpRangesInstallation = {
  /** The function runs in the security account. */
  readonly region: string;
  readonly targets: readonly IpRangesTarget[];
  readonly environment: Readonly<Record<string, string>>;
};

type Context = {
  readonly partition: string;
  readonly securityAccount: string;
  readonly homeRegion: string;
  readonly ipRanges?: IpRangesContext;
};

/**
 * Regions whose functions may subscribe to a topic in us-east-1: SNS does not deliver to functions in opt-in Regions,
 * including Osaka. https://docs.aws.amazon.com/sns/latest/dg/lambda-prereq.html
 */
const REACHED_BY_THE_TOPIC: ReadonlySet<string> = new Set([
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ca-central-1',
  'eu-central-1',
  'eu-north-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
]);

/** Bytes of all variables of a function. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const ENVIRONMENT_LIMIT = 4096;
const OTHER_VARIABLES = 512;

/** Returns undefined if the context configures no updater. */
export const ipRangesRegionOf = ({ ipRanges, homeRegion }: Pick<Context, 'ipRanges' | 'homeRegion'>) =>
  ipRanges && (ipRanges.region ?? homeRegion);

/**
 * Returns undefined if the context configures no updater.
 * @throws Error naming the wrong value and what to do
 */
export function ipRangesInstallation(context: Context): IpRangesInstallation | undefined {
  const { partition, securityAccount: account, homeRegion, ipRanges } = context;
  if (!ipRanges) return undefined;
  const { region = homeRegion, targets, variables } = ipRanges;
  if (partition !== 'aws')
    throw contextError(
      `cannot be used in partition ${partition}: AWS's topic reaches commercial Regions alone. Remove it`,
    );
  if (!REACHED_BY_THE_TOPIC.has(region))
    throw contextError(
      `puts the function into ${region}, which the topic in us-east-1 does not reach. Set ipRanges.region to one of ` +
        `${[...REACHED_BY_THE_TOPIC].join(', ')}; targets may be in any Region`,
    );
  const environment: Record<string, string> = {
    ...definedVariables(variables),
    ...(targets && { IP_RANGES: JSON.stringify({ targets }) }),
  };
  const bytes = Buffer.byteLength(JSON.stringify(environment));
  if (bytes > ENVIRONMENT_LIMIT - OTHER_VARIABLES)
    throw contextError(
      `takes ${bytes} bytes, more than the ${ENVIRONMENT_LIMIT - OTHER_VARIABLES} that a function's variables leave. ` +
        'Say what targets share by variables, or use the prefix list mode, in which a target serves many groups',
    );
  return { region, targets: ipRangesTargets(environment, { account, region }), environment };
}

/** Returns the accounts in which the updater has a role of its own. */
export const otherAccounts = (
  { securityAccount }: Pick<Context, 'securityAccount'>,
  targets: IpRangesInstallation['targets'],
): string[] => [...new Set(targets.map(({ account }) => account))].filter((account) => account !== securityAccount);

const definedVariables = (variables: IpRangesContext['variables']): Record<string, string> =>
  Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined));

const contextError = (why: string) => new Error(`context.suture.ipRanges ${why}.`);
