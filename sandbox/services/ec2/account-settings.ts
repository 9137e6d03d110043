/**
 * Settings of EC2 for a whole account and Region, and the Regions themselves.
 */
import { AwsError } from '../../kernel/kernel.ts';
import { needOnAll } from './needs.ts';
import { changes, type Ec2Operations, filtered, invalid, reads } from './requests.ts';

/** Regions that every account has without opting in. */
export const REGIONS: readonly string[] = [
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
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
];

export const accountSettingOperations: Ec2Operations = {
  GetEbsEncryptionByDefault: reads('GetEbsEncryptionByDefault', [], (_, at) =>
    encryption(at.state.ebsEncryptionByDefault),
  ),
  EnableEbsEncryptionByDefault: changes(
    'EnableEbsEncryptionByDefault',
    [],
    (_, at) => [needOnAll('EnableEbsEncryptionByDefault', at)],
    (_, at) => {
      at.state.ebsEncryptionByDefault = true;
      return { EbsEncryptionByDefault: true };
    },
  ),
  DisableEbsEncryptionByDefault: changes(
    'DisableEbsEncryptionByDefault',
    [],
    (_, at) => [needOnAll('DisableEbsEncryptionByDefault', at)],
    (_, at) => {
      at.state.ebsEncryptionByDefault = false;
      return { EbsEncryptionByDefault: false };
    },
  ),
  GetEbsDefaultKmsKeyId: reads('GetEbsDefaultKmsKeyId', [], () => ({ KmsKeyId: 'alias/aws/ebs' })),
  GetSnapshotBlockPublicAccessState: reads('GetSnapshotBlockPublicAccessState', [], (_, at) => ({
    State: at.state.snapshotBlockPublicAccess,
    ManagedBy: 'account',
  })),
  EnableSnapshotBlockPublicAccess: changes(
    'EnableSnapshotBlockPublicAccess',
    ['State'],
    (_, at) => [needOnAll('EnableSnapshotBlockPublicAccess', at)],
    (input, at) => {
      const { State } = input;
      if (State !== 'block-all-sharing' && State !== 'block-new-sharing')
        throw invalid(`Invalid value '${State}' for State.`);
      at.state.snapshotBlockPublicAccess = State;
      return { State };
    },
  ),
  DisableSnapshotBlockPublicAccess: changes(
    'DisableSnapshotBlockPublicAccess',
    [],
    (_, at) => [needOnAll('DisableSnapshotBlockPublicAccess', at)],
    (_, at) => {
      at.state.snapshotBlockPublicAccess = 'unblocked';
      return { State: 'unblocked' };
    },
  ),
  DescribeRegions: reads('DescribeRegions', ['RegionNames', 'AllRegions', 'Filters'], (input, at) => {
    const unknown = input.RegionNames?.find((name) => !REGIONS.includes(name));
    if (unknown !== undefined) throw new AwsError('InvalidParameterValue', `Invalid region provided: ${unknown}`);
    const all = (input.RegionNames?.length ? input.RegionNames : REGIONS).map((id) => ({ id }));
    const regions = filtered(
      all,
      input.Filters,
      {
        'region-name': (region) => region.id,
        endpoint: (region) => endpointOf(region.id),
        'opt-in-status': () => 'opt-in-not-required',
      },
      at,
    );
    return {
      Regions: regions.map(({ id }) => ({
        RegionName: id,
        Endpoint: endpointOf(id),
        OptInStatus: 'opt-in-not-required',
      })),
    };
  }),
};

const encryption = (enabled: boolean) => ({
  EbsEncryptionByDefault: enabled,
  SseType: enabled ? ('sse-kms' as const) : ('none' as const),
});
const endpointOf = (region: string): string => `ec2.${region}.amazonaws.com`;
