import { type Ec2Operations, ec2Read } from './requests.ts';

export const emptyEc2Reads: Ec2Operations = {
  DescribeAddresses: ec2Read('DescribeAddresses', ['Filters'], () => ({ Addresses: [] })),
  DescribeClientVpnEndpoints: ec2Read('DescribeClientVpnEndpoints', ['Filters', 'MaxResults', 'NextToken'], () => ({
    ClientVpnEndpoints: [],
  })),
  DescribeKeyPairs: ec2Read('DescribeKeyPairs', ['Filters', 'IncludePublicKey'], () => ({ KeyPairs: [] })),
  DescribeNatGateways: ec2Read('DescribeNatGateways', ['Filter', 'MaxResults', 'NextToken'], () => ({
    NatGateways: [],
  })),
  // The gateway endpoints of every Region. AWS has hundreds of interface endpoints beside them, none of which is shown.
  DescribeVpcEndpointServices: ec2Read('DescribeVpcEndpointServices', ['MaxResults', 'NextToken'], (_, { region }) => {
    const names = ['dynamodb', 's3'].map((service) => `com.amazonaws.${region}.${service}`);
    return {
      ServiceNames: names,
      ServiceDetails: names.map((ServiceName) => ({
        ServiceName,
        ServiceType: [{ ServiceType: 'Gateway' as const }],
        Owner: 'amazon',
        AcceptanceRequired: false,
        ManagesVpcEndpoints: false,
        VpcEndpointPolicySupported: true,
      })),
    };
  }),
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
  GetInstanceMetadataDefaults: ec2Read('GetInstanceMetadataDefaults', [], () => ({ AccountLevel: {} })),
};
