import { AwsError } from '../../kernel/kernel.ts';
import { ec2AccountNeed } from './needs.ts';
import { applyFilters, type Ec2Operations, ec2Change, ec2Read, invalidEc2Parameter } from './requests.ts';

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
  GetEbsEncryptionByDefault: ec2Read('GetEbsEncryptionByDefault', [], (_, at) =>
    describeEbsEncryption(at.state.ebsEncryptionByDefault),
  ),
  EnableEbsEncryptionByDefault: ec2Change(
    'EnableEbsEncryptionByDefault',
    [],
    (_, at) => [ec2AccountNeed('EnableEbsEncryptionByDefault', at)],
    (_, at) => {
      at.state.ebsEncryptionByDefault = true;
      return { EbsEncryptionByDefault: true };
    },
  ),
  DisableEbsEncryptionByDefault: ec2Change(
    'DisableEbsEncryptionByDefault',
    [],
    (_, at) => [ec2AccountNeed('DisableEbsEncryptionByDefault', at)],
    (_, at) => {
      at.state.ebsEncryptionByDefault = false;
      return { EbsEncryptionByDefault: false };
    },
  ),
  GetEbsDefaultKmsKeyId: ec2Read('GetEbsDefaultKmsKeyId', [], () => ({ KmsKeyId: 'alias/aws/ebs' })),
  GetSnapshotBlockPublicAccessState: ec2Read('GetSnapshotBlockPublicAccessState', [], (_, at) => ({
    State: at.state.snapshotBlockPublicAccess,
    ManagedBy: 'account',
  })),
  EnableSnapshotBlockPublicAccess: ec2Change(
    'EnableSnapshotBlockPublicAccess',
    ['State'],
    (_, at) => [ec2AccountNeed('EnableSnapshotBlockPublicAccess', at)],
    (input, at) => {
      const { State } = input;
      if (State !== 'block-all-sharing' && State !== 'block-new-sharing')
        throw invalidEc2Parameter(`Invalid value '${State}' for State.`);
      at.state.snapshotBlockPublicAccess = State;
      return { State };
    },
  ),
  DisableSnapshotBlockPublicAccess: ec2Change(
    'DisableSnapshotBlockPublicAccess',
    [],
    (_, at) => [ec2AccountNeed('DisableSnapshotBlockPublicAccess', at)],
    (_, at) => {
      at.state.snapshotBlockPublicAccess = 'unblocked';
      return { State: 'unblocked' };
    },
  ),
  DescribeRegions: ec2Read('DescribeRegions', ['RegionNames', 'AllRegions', 'Filters'], (input, at) => {
    const unknownRegion = input.RegionNames?.find((name) => !REGIONS.includes(name));
    if (unknownRegion !== undefined)
      throw new AwsError('InvalidParameterValue', `Invalid region provided: ${unknownRegion}`);
    const all = (input.RegionNames?.length ? input.RegionNames : REGIONS).map((id) => ({ id }));
    const regions = applyFilters(
      all,
      input.Filters,
      {
        'region-name': (region) => region.id,
        endpoint: (region) => regionEndpoint(region.id),
        'opt-in-status': () => 'opt-in-not-required',
      },
      at,
    );
    return {
      Regions: regions.map(({ id }) => ({
        RegionName: id,
        Endpoint: regionEndpoint(id),
        OptInStatus: 'opt-in-not-required',
      })),
    };
  }),
};

const describeEbsEncryption = (enabled: boolean) => ({
  EbsEncryptionByDefault: enabled,
  SseType: enabled ? ('sse-kms' as const) : ('none' as const),
});
const regionEndpoint = (region: string): string => `ec2.${region}.amazonaws.com`;
