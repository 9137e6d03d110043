import { notModelled } from '../requests.ts';
import { type Ec2Operations, ec2Read } from './requests.ts';

export const emptyEc2Reads: Ec2Operations = {
  DescribeAddresses: ec2Read('DescribeAddresses', ['Filters'], () => ({ Addresses: [] })),
  DescribeClientVpnEndpoints: ec2Read('DescribeClientVpnEndpoints', ['Filters', 'MaxResults', 'NextToken'], () => ({
    ClientVpnEndpoints: [],
  })),
  DescribeImages: ec2Read(
    'DescribeImages',
    ['Owners', 'ExecutableUsers', 'Filters', 'IncludeDeprecated', 'IncludeDisabled', 'MaxResults', 'NextToken'],
    ({ Owners }) => {
      if (Owners?.join() !== 'self') throw notModelled('images of others; ask with Owners: self');
      return { Images: [] };
    },
  ),
  DescribeLaunchTemplates: ec2Read('DescribeLaunchTemplates', ['Filters', 'MaxResults', 'NextToken'], () => ({
    LaunchTemplates: [],
  })),
  DescribeVpcEndpoints: ec2Read('DescribeVpcEndpoints', ['Filters', 'MaxResults', 'NextToken'], () => ({
    VpcEndpoints: [],
  })),
  DescribeVpcPeeringConnections: ec2Read(
    'DescribeVpcPeeringConnections',
    ['Filters', 'MaxResults', 'NextToken'],
    () => ({
      VpcPeeringConnections: [],
    }),
  ),
  DescribeVpnConnections: ec2Read('DescribeVpnConnections', ['Filters'], () => ({ VpnConnections: [] })),
  GetImageBlockPublicAccessState: ec2Read('GetImageBlockPublicAccessState', [], () => ({
    ImageBlockPublicAccessState: 'block-new-sharing',
    ManagedBy: 'account',
  })),
  GetInstanceMetadataDefaults: ec2Read('GetInstanceMetadataDefaults', [], () => ({ AccountLevel: {} })),
};
