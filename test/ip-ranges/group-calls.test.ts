/** Calls on groups whose answers the sandbox does not give: a stub plays EC2. */
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, it } from 'vitest';
import { groupsWorld } from '../../ip-ranges/function/groups.ts';
import { awsError } from './model.ts';
import { rangesTarget } from './support.ts';

type Call = { readonly name: string; readonly input: any };
function worldOf(options: object, answers: Readonly<Record<string, object | Error>>) {
  const calls: Call[] = [];
  const send = async (command: { input: object; constructor: { name: string } }) => {
    const name = command.constructor.name.replace(/Command$/, '');
    calls.push({ name, input: command.input });
    const answer = answers[name] ?? {};
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const clients = { ec2: Object.assign(new EC2Client({}), { send }), elb: new ElasticLoadBalancingV2Client({}) };
  return { world: groupsWorld(rangesTarget(options), clients as never), calls };
}
const inputOf = (calls: readonly Call[], name: string) => calls.find((call) => call.name === name)?.input;

describe('a new group', () => {
  const seal = { kind: 'seal', group: 'sg-1' } as const;
  const outbound = { SecurityGroupRuleId: 'sgr-out', IsEgress: true };
  it('loses its outbound rules, and no inbound rule', async () => {
    const rules = { SecurityGroupRules: [outbound, { SecurityGroupRuleId: 'sgr-in', IsEgress: false }] };
    const { world, calls } = worldOf({}, { DescribeSecurityGroupRules: rules });
    await world.perform(seal);
    expect(inputOf(calls, 'RevokeSecurityGroupEgress')).toEqual({ GroupId: 'sg-1', SecurityGroupRuleIds: ['sgr-out'] });
  });
  it('loses the default outbound rule, even if EC2 does not show it yet', async () => {
    const { world, calls } = worldOf({}, { DescribeSecurityGroupRules: { SecurityGroupRules: [] } });
    await world.perform(seal);
    expect(inputOf(calls, 'RevokeSecurityGroupEgress').IpPermissions).toEqual([
      { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
    ]);
  });
  it.each(['InvalidPermission.NotFound', 'InvalidSecurityGroupRuleId.NotFound'])(
    'may lack the outbound rule already: %s',
    async (name) => {
      const { world, calls } = worldOf({}, { RevokeSecurityGroupEgress: awsError(name) });
      await world.perform(seal);
      expect(inputOf(calls, 'RevokeSecurityGroupEgress')).toMatchObject({ GroupId: 'sg-1' });
    },
  );
  it('fails to be sealed after any other error', async () => {
    const { world } = worldOf({}, { RevokeSecurityGroupEgress: awsError('UnauthorizedOperation') });
    await expect(world.perform(seal)).rejects.toThrow('UnauthorizedOperation');
  });
  it('is created in the VPC whose groups were read', async () => {
    const { world, calls } = worldOf({ vpcId: undefined }, { DescribeVpcs: { Vpcs: [{ VpcId: 'vpc-default' }] } });
    expect(await world.read()).toMatchObject({ groups: [], points: [] });
    await world.perform({ kind: 'create', group: 'AUTOUPDATE-1' });
    expect(inputOf(calls, 'CreateSecurityGroup').VpcId).toBe('vpc-default');
    expect(inputOf(calls, 'DescribeSecurityGroups').Filters).toEqual([
      { Name: 'vpc-id', Values: ['vpc-default'] },
      { Name: 'tag:PREFIX_NAME', Values: ['AUTOUPDATE'] },
    ]);
  });
  it('that EC2 does not show yet fails the read as ServiceUnavailable, which is retried', async () => {
    const { world } = worldOf({}, { CreateSecurityGroup: { GroupId: 'sg-1' } });
    await world.perform({ kind: 'create', group: 'AUTOUPDATE-1' });
    await expect(world.read()).rejects.toMatchObject({ name: 'ServiceUnavailable' });
  });
  it('has descriptions of at most 255 characters, however many services there are', async () => {
    const services = Array.from({ length: 40 }, (_, n) => `SERVICE_${n}`);
    const { world, calls } = worldOf({ services }, { CreateSecurityGroup: { GroupId: 'sg-1' } });
    await world.perform({ kind: 'create', group: 'AUTOUPDATE-1' });
    const cidr = { family: 'IPv4', bits: '110000000000000000000010' } as const;
    const rules = [{ protocol: 'tcp', from: 443, to: 443, cidr } as const];
    await world.perform({ kind: 'authorize', group: 'AUTOUPDATE-1', rules });
    const { GroupId, IpPermissions } = inputOf(calls, 'AuthorizeSecurityGroupIngress');
    expect(inputOf(calls, 'CreateSecurityGroup').Description).toHaveLength(255);
    expect([GroupId, IpPermissions[0].IpRanges[0].Description.length]).toEqual(['sg-1', 255]);
  });
});
