/**
 * Listeners with a server certificate and a fixed response. Rules and targets are not modelled.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html
 */
import type * as sdk from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError, type Need, type ServiceOperations } from '../../kernel/kernel.ts';
import { notModelled, onlyMembers } from '../requests.ts';
import type { Elbv2At, Elbv2State, ListenerRecord } from './state.ts';

const listenerNeed = (action: string, resource: string): Need[] => [
  { action: `elasticloadbalancing:${action}`, resource },
];

export const listenerOperations: ServiceOperations<typeof sdk, Elbv2State> = {
  CreateListener: {
    needs: ({ LoadBalancerArn = '*' }) => listenerNeed('CreateListener', LoadBalancerArn),
    run(input, at) {
      onlyMembers('CreateListener', input, ['LoadBalancerArn', 'Protocol', 'Port', 'Certificates', 'DefaultActions']);
      if (input.DefaultActions?.some(({ Type }) => Type !== 'fixed-response'))
        throw notModelled('actions of listeners other than a fixed response');
      const listener = createListener(input, at);
      at.state.listeners.set(listener.arn, listener);
      return { Listeners: [describeListener(listener)] };
    },
  },
  DescribeListeners: {
    run(input, at) {
      onlyMembers('DescribeListeners', input, ['LoadBalancerArn']);
      const own = [...at.state.listeners.values()].filter(({ balancer }) => balancer === input.LoadBalancerArn);
      return { Listeners: own.map(describeListener) };
    },
  },
  DeleteListener: {
    needs: ({ ListenerArn = '*' }) => listenerNeed('DeleteListener', ListenerArn),
    run({ ListenerArn }, at) {
      if (!at.state.listeners.delete(ListenerArn ?? ''))
        throw new AwsError('ListenerNotFoundException', `Listeners '${ListenerArn}' not found`);
      return {};
    },
  },
};

function createListener(input: sdk.CreateListenerCommandInput, at: Elbv2At): ListenerRecord {
  const { LoadBalancerArn: balancer = '', Protocol: protocol, Port: port, Certificates = [] } = input;
  if (!at.state.loadBalancers.has(balancer))
    throw new AwsError('LoadBalancerNotFoundException', `Load balancers '[${balancer}]' not found`);
  const certificate = Certificates[0]?.CertificateArn;
  if (protocol === 'HTTPS' && certificate === undefined)
    throw new AwsError('CertificateNotFoundException', 'A certificate must be specified for HTTPS listeners');
  const arn = `${balancer.replace(':loadbalancer/', ':listener/')}/${at.kernel.id('', 16, 'listener/')}`;
  return { arn, balancer, protocol, port, certificate };
}

const describeListener = ({ arn, balancer, protocol, port, certificate }: ListenerRecord): sdk.Listener => ({
  ListenerArn: arn,
  LoadBalancerArn: balancer,
  Protocol: protocol,
  Port: port,
  ...(certificate !== undefined && { Certificates: [{ CertificateArn: certificate }] }),
});
