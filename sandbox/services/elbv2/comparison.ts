/** A load balancer's security groups are those of its interfaces. */
import { wholeState } from '../../kernel/comparison.ts';
import type { AwsPlace, Consequence } from '../../kernel/kernel.ts';
import { EC2 } from '../ec2/state.ts';
import { locateByArn } from '../locate.ts';
import type { Elbv2State } from './state.ts';

const consequences = (arn: string, { loadBalancers }: Elbv2State, place: AwsPlace): readonly Consequence[] =>
  (loadBalancers.get(arn)?.interfaces ?? []).map((id) => ({ state: EC2, place, path: ['interfaces', id, 'groups'] }));

export const elbv2Comparison = {
  comparable: wholeState,
  locate: locateByArn({ 'loadbalancer/': 'loadBalancers', 'listener/': 'listeners' }),
  consequences,
};
