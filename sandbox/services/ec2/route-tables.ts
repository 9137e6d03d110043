/** The main route table that each VPC has, with the route to the VPC itself. No other can be made. */
import { applyFilters, type Ec2Operations, ec2Page, ec2Read } from './requests.ts';
import type { Vpc } from './state.ts';

export const routeTableOperations: Ec2Operations = {
  DescribeRouteTables: ec2Read('DescribeRouteTables', ['Filters', 'MaxResults', 'NextToken'], (input, at) => {
    const filters = {
      'vpc-id': ({ id }: Vpc) => id,
      'route-table-id': ({ id }: Vpc) => tableIdOf(id),
      'association.main': () => 'true',
    };
    const { items, nextToken } = ec2Page(applyFilters(at.state.vpcs.values(), input.Filters, filters, at), input);
    return {
      RouteTables: items.map((vpc) => mainTable(vpc, at.account)),
      ...(nextToken && { NextToken: nextToken }),
    };
  }),
};

function mainTable({ id, cidr, ipv6Cidr }: Vpc, account: string) {
  const RouteTableId = tableIdOf(id);
  const local = { GatewayId: 'local', Origin: 'CreateRouteTable', State: 'active' } as const;
  return {
    RouteTableId,
    VpcId: id,
    OwnerId: account,
    Associations: [
      {
        Main: true,
        RouteTableAssociationId: id.replace(/^vpc-/, 'rtbassoc-'),
        RouteTableId,
        AssociationState: { State: 'associated' as const },
      },
    ],
    PropagatingVgws: [],
    Routes: [
      { DestinationCidrBlock: cidr, ...local },
      ...(ipv6Cidr ? [{ DestinationIpv6CidrBlock: ipv6Cidr, ...local }] : []),
    ],
    Tags: [],
  };
}

const tableIdOf = (vpc: string) => vpc.replace(/^vpc-/, 'rtb-');
