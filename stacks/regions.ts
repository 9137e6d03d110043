/** Checks that the Regions in the context have what Suture's parts need. */
export type Partition = 'aws' | 'aws-cn' | 'aws-us-gov';

type NamedRegions = {
  readonly partition: Partition;
  readonly homeRegion: string;
  readonly regions: readonly string[];
  readonly identityCenter?: { readonly region: string } | undefined;
  readonly trial: boolean;
};

/**
 * Regions that are enabled by default. Security Hub aggregates findings into no other.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/finding-aggregation-enable.html
 * https://docs.aws.amazon.com/general/latest/gr/rande-manage.html
 */
const ENABLED_BY_DEFAULT: Readonly<Record<Partition, readonly string[]>> = {
  aws: [
    ...['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'ca-central-1', 'sa-east-1'],
    ...['eu-central-1', 'eu-west-1', 'eu-west-2', 'eu-west-3', 'eu-north-1', 'ap-south-1'],
    ...['ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3', 'ap-southeast-1', 'ap-southeast-2'],
  ],
  'aws-cn': ['cn-north-1', 'cn-northwest-1'],
  'aws-us-gov': ['us-gov-west-1', 'us-gov-east-1'],
};

/** Regions that an account must enable. A trial can be in one, because Security Hub aggregates nothing there. */
const OPT_IN: readonly string[] = [
  ...['af-south-1', 'ap-east-1', 'ap-east-2', 'ap-south-2', 'ap-southeast-3', 'ap-southeast-4', 'ap-southeast-5'],
  ...['ap-southeast-6', 'ap-southeast-7', 'ca-west-1', 'eu-central-2', 'eu-south-1', 'eu-south-2', 'il-central-1'],
  ...['me-central-1', 'me-south-1', 'mx-central-1'],
];

/** The Regions of the partitions that Suture knows, without those that need an agreement of their own. */
export const AWS_REGIONS: readonly string[] = [...Object.values(ENABLED_BY_DEFAULT).flat(), ...OPT_IN];

/**
 * Types of CloudFormation that a Region lacks and a stack has, from the registry schemas of each Region. All others have
 * every type of every stack. https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schemas.html
 */
const LACKING: Readonly<Record<string, string>> = {
  'ca-west-1': 'AWS::Events::Archive',
  'mx-central-1': 'AWS::Events::Archive',
};
const NEEDED_BY: Readonly<Record<string, string>> = {
  'AWS::Events::Archive': 'SutureSecurity keeps the events of findings in it, for suture events replay',
};

export function partitionOf(region: string): Partition {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** Returns a problem for each Region of the context that its partition or a part of Suture rules out. */
export function regionProblems({ partition, homeRegion, regions, identityCenter, trial }: NamedRegions): string[] {
  const named: readonly (readonly [string, string])[] = [
    ['homeRegion', homeRegion],
    ...regions.map((region, index) => [`regions.${index}`, region] as const),
    ...(identityCenter ? [['identityCenter.region', identityCenter.region] as const] : []),
  ];
  const foreign = named.filter(([, region]) => partitionOf(region) !== partition);
  if (foreign.length > 0)
    return foreign.map(([key, region]) =>
      problem(key, region, `a Region of partition ${partition}, such as ${ENABLED_BY_DEFAULT[partition][0]}`),
    );
  return homeProblems(partition, homeRegion, trial);
}

function homeProblems(partition: Partition, home: string, trial: boolean): string[] {
  const usual = ENABLED_BY_DEFAULT[partition];
  if (usual.includes(home)) return [];
  if (!OPT_IN.includes(home)) return [problem('homeRegion', home, `one of ${usual.join(', ')}`)];
  if (!trial)
    return [
      problem(
        'homeRegion',
        home,
        `a Region that is enabled by default, because Security Hub aggregates findings into no other: ${usual.join(', ')}`,
      ),
    ];
  const type = LACKING[home];
  return type ? [problem('homeRegion', home, `a Region with ${type}; ${NEEDED_BY[type]}`)] : [];
}

/**
 * Returns whether the Region certainly has connections and API destinations of EventBridge. The registry of some opt-in
 * Regions, such as mx-central-1, lacks them.
 * https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schemas.html
 */
export const hasApiDestinations = (region: string): boolean => ENABLED_BY_DEFAULT[partitionOf(region)].includes(region);

const problem = (key: string, region: string, expected: string): string =>
  `context.suture.${key} is "${region}": expected ${expected}`;

/**
 * Returns what Lambda lacks in the Region: X-Ray and tags of event source mappings in China.
 * https://docs.amazonaws.cn/en_us/aws/latest/userguide/lambda.html
 */
export const lambdaLacks = (region: string): readonly ('tracing' | 'mappingTags')[] =>
  partitionOf(region) === 'aws-cn' ? ['tracing', 'mappingTags'] : [];
