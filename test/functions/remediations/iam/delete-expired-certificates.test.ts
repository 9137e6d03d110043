import { CreateSubnetCommand, CreateVpcCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  DeleteListenerCommand,
  DescribeListenersCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient, ListServerCertificatesCommand } from '@aws-sdk/client-iam';
import { afterEach, expect, it } from 'vitest';
import { EXPIRED, uploadCertificate } from '../../../../functions/remediations/iam/certificate-fixtures.ts';
import deleteExpiredCertificates from '../../../../functions/remediations/iam/delete-expired-certificates/index.ts';
import type { Sandbox } from '../../../../sandbox/create-sandbox.ts';
import { ec2 } from '../../../../sandbox/services/ec2/index.ts';
import { elbv2 } from '../../../../sandbox/services/elbv2/index.ts';
import { administratorClient, CLIENT_PLACE, sandboxFor } from '../../../sandbox/support/sdk-client.ts';

let sandbox: Sandbox;
afterEach(() => sandbox.close());

/** Creates a load balancer that uses the certificate. */
async function useCertificate(CertificateArn: string): Promise<string> {
  const vpc = administratorClient(sandbox, EC2Client);
  const elb = administratorClient(sandbox, ElasticLoadBalancingV2Client);
  const { Vpc } = await vpc.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const { Subnet } = await vpc.send(new CreateSubnetCommand({ VpcId: Vpc!.VpcId, CidrBlock: '10.0.0.0/24' }));
  const balancer = { Name: 'shop', Type: 'network' as const, Subnets: [Subnet!.SubnetId!] };
  const { LoadBalancerArn } = (await elb.send(new CreateLoadBalancerCommand(balancer))).LoadBalancers![0]!;
  const listener = { LoadBalancerArn, Protocol: 'TLS' as const, Port: 443, Certificates: [{ CertificateArn }] };
  await elb.send(new CreateListenerCommand({ ...listener, DefaultActions: [{ Type: 'fixed-response' }] }));
  return LoadBalancerArn!;
}

it('leaves a certificate alone that a load balancer uses, and names it', async () => {
  sandbox = await sandboxFor(ec2, elbv2);
  const iam = administratorClient(sandbox, IAMClient);
  const context: any = {
    ...{
      ...CLIENT_PLACE,
      iam,
      name: 'shop',
      target: { certificate: 'shop' },
      control: 'IAM.26',
      params: {},
      targets: [],
    },
    ago: (days: number, work: () => Promise<unknown>) =>
      sandbox.kernel.clock.at(sandbox.kernel.clock.now() - days * 86_400_000, work),
    now: new Date('2026-01-01'),
  };
  const { Id } = await uploadCertificate({ iam }, context, { body: EXPIRED });
  const user = await useCertificate(Id);
  const before = (await deleteExpiredCertificates.read(context))!;
  const wanted: any = deleteExpiredCertificates.want(before, context);
  expect(wanted).toEqual({ certificate: null });
  expect(await deleteExpiredCertificates.write(context, before, wanted)).toEqual({
    refused: expect.stringContaining(`is currently in use by ${user}`),
  });

  const elb = administratorClient(sandbox, ElasticLoadBalancingV2Client);
  const { Listeners } = await elb.send(new DescribeListenersCommand({ LoadBalancerArn: user }));
  await elb.send(new DeleteListenerCommand({ ListenerArn: Listeners![0]!.ListenerArn }));
  expect(await deleteExpiredCertificates.write(context, before, wanted)).toBeUndefined();
  expect((await iam.send(new ListServerCertificatesCommand({}))).ServerCertificateMetadataList).toEqual([]);
});
