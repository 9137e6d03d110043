/**
 * The attributes of an Application, Network or Gateway Load Balancer, by their keys.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html
 */
import {
  DescribeLoadBalancerAttributesCommand,
  DescribeTagsCommand,
  ElasticLoadBalancingV2Client,
  ModifyLoadBalancerAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import * as z from 'zod';
import { arn, type Place } from '../../contract/remediation.ts';
import { orUndefined } from '../kit/or-undefined.ts';
import { resourceType } from '../kit/resource-type.ts';
import { tagsOfList } from '../kit/tag-list.ts';

const LOAD_BALANCER =
  'arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/{kind}/{balancer}/{balancerId}';
const SWITCH = z.enum(['true', 'false']);

type Values = {
  readonly 'deletion_protection.enabled'?: 'true' | 'false';
  readonly 'routing.http.desync_mitigation_mode'?: 'monitor' | 'defensive' | 'strictest';
  readonly 'routing.http.drop_invalid_header_fields.enabled'?: 'true' | 'false';
};

export const loadBalancer = resourceType({
  target: arn('AwsElbv2LoadBalancer', LOAD_BALANCER, {
    kind: /app|net|gwy/,
    balancer: /(?!internal-)[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?/,
    balancerId: /[0-9a-f]{16}/,
  }),
  clients: { elb: ElasticLoadBalancingV2Client },
  cloudFormation: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
  terraform: 'aws_lb',
  reads: [
    {
      actions: ['elasticloadbalancing:DescribeLoadBalancerAttributes', 'elasticloadbalancing:DescribeTags'],
      resources: ['*'],
      because: 'take no resource: its attributes and tags',
    },
  ],
  writes: {
    actions: ['elasticloadbalancing:ModifyLoadBalancerAttributes'],
    resources: [LOAD_BALANCER],
    because: 'sets the attribute; rollback sets it back',
  },
  attributes: {
    'deletion_protection.enabled': {
      type: SWITCH,
      default: 'false',
      cloudFormation: 'LoadBalancerAttributes[deletion_protection.enabled]',
      terraform: 'enable_deletion_protection',
    },
    'routing.http.desync_mitigation_mode': {
      type: z.enum(['monitor', 'defensive', 'strictest']),
      default: 'defensive',
      cloudFormation: 'LoadBalancerAttributes[routing.http.desync_mitigation_mode]',
      terraform: 'desync_mitigation_mode',
    },
    'routing.http.drop_invalid_header_fields.enabled': {
      type: SWITCH,
      default: 'false',
      cloudFormation: 'LoadBalancerAttributes[routing.http.drop_invalid_header_fields.enabled]',
      terraform: 'drop_invalid_header_fields',
    },
  },
}).by({
  async find({ elb, ...context }): Promise<Values | undefined> {
    const command = new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: loadBalancerArn(context) });
    const answer = await orUndefined(elb.send(command), 'LoadBalancerNotFoundException');
    return answer && Object.fromEntries((answer.Attributes ?? []).map(({ Key = '', Value }) => [Key, Value]));
  },
  change: ({ elb, ...context }, values) => {
    const Attributes = Object.entries(values).map(([Key, Value]) => ({ Key, Value }));
    return elb.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn: loadBalancerArn(context), Attributes }));
  },
  async tags(_, { elb, ...context }) {
    const command = new DescribeTagsCommand({ ResourceArns: [loadBalancerArn(context)] });
    return tagsOfList((await elb.send(command)).TagDescriptions?.[0]?.Tags);
  },
});

type NamedLoadBalancer = Place & {
  readonly target: { readonly kind: string; readonly balancer: string; readonly balancerId: string };
};

const loadBalancerArn = ({ partition, region, account, target }: NamedLoadBalancer): string =>
  `arn:${partition}:elasticloadbalancing:${region}:${account}:loadbalancer/${target.kind}/${target.balancer}/${target.balancerId}`;
