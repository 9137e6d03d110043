import { beforeEach, expect, it } from 'vitest';
import { ec2 } from '../../../sandbox/services/ec2/index.ts';
import { serviceQuotas } from '../../../sandbox/services/servicequotas/index.ts';
import { setQuota } from '../../../sandbox/services/servicequotas/state.ts';
import { HOME, type SmallKernel, smallKernel } from '../support/small-kernel.ts';

let kernel: SmallKernel;
const RULES = { ServiceCode: 'vpc', QuotaCode: 'L-0EA8095F' };
const quota = (operation: string, input: object = RULES) => kernel.as('servicequotas', operation, input);

beforeEach(() => {
  kernel = smallKernel(ec2, serviceQuotas);
});

const authorize = async (count: number) => {
  const { GroupId } = await kernel.as('ec2', 'CreateSecurityGroup', { GroupName: `g${count}`, Description: 'g' });
  const IpRanges = Array.from({ length: count }, (_, index) => ({ CidrIp: `10.0.${index}.0/24` }));
  const IpPermissions = [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges }];
  return kernel.as('ec2', 'AuthorizeSecurityGroupIngress', { GroupId, IpPermissions });
};

it('a raised quota is returned besides its default, and applies', async () => {
  await expect(authorize(61)).rejects.toMatchObject({ code: 'RulesPerSecurityGroupLimitExceeded' });
  setQuota(kernel, HOME, 'vpc/L-0EA8095F', 100);
  expect((await quota('GetServiceQuota')).Quota).toMatchObject({ ...RULES, Value: 100 });
  expect((await quota('GetAWSDefaultServiceQuota')).Quota).toMatchObject({ Value: 60 });
  await authorize(100);
  await expect(authorize(101)).rejects.toMatchObject({ code: 'RulesPerSecurityGroupLimitExceeded' });
});

it('a raised quota applies only in its Region', async () => {
  setQuota(kernel, { ...HOME, region: 'eu-west-1' }, 'vpc/L-0EA8095F', 100);
  expect((await quota('GetServiceQuota')).Quota.Value).toBe(60);
});

it('a quota that the sandbox does not enforce does not exist', async () => {
  await expect(quota('GetServiceQuota', { ServiceCode: 'ec2', QuotaCode: 'L-1216C47A' })).rejects.toMatchObject({
    code: 'NoSuchResourceException',
  });
});
