import { describe, expect, it } from 'vitest';
import { deployTemplate } from '../../../sandbox/cloudformation/index.ts';
import { kms } from '../../../sandbox/services/kms/index.ts';
import { logs } from '../../../sandbox/services/logs/index.ts';
import { xray } from '../../../sandbox/services/xray/index.ts';
import { HOME, smallKernel } from '../support/small-kernel.ts';

const group = (properties: object = {}) => ({
  Type: 'AWS::Logs::LogGroup',
  Properties: { LogGroupName: '/suture/triage', ...properties },
});
const deploy = (kernel: ReturnType<typeof smallKernel>, Resources: object, stack = 'app') =>
  deployTemplate(kernel, HOME, stack, { Resources });

async function withKey() {
  const kernel = smallKernel(logs, kms);
  const KmsKeyId: string = (await kernel.as('kms', 'CreateKey', {})).KeyMetadata.Arn;
  return { kernel, KmsKeyId };
}

describe('a log group', () => {
  it('keeps its retention and returns its ARN', async () => {
    const kernel = smallKernel(logs);
    const stack = await deploy(kernel, { Group: group({ RetentionInDays: 90 }) });
    const Arn = 'arn:aws:logs:us-east-1:111122223333:log-group:/suture/triage:*';
    expect(stack.resources.get('Group')!.created).toEqual({ ref: '/suture/triage', attributes: { Arn } });
    await deploy(kernel, { Group: group({ RetentionInDays: 30 }) });
    expect(kernel.state(logs, HOME).kinds.groups!.get('/suture/triage')?.fields.retentionInDays).toBe(30);
  });

  it('needs its key as the service, with its ARN in the encryption context', async () => {
    const { kernel, KmsKeyId } = await withKey();
    await deploy(kernel, { Group: group({ KmsKeyId }) });
    const context = {
      'kms:EncryptionContext:aws:logs:arn': 'arn:aws:logs:us-east-1:111122223333:log-group:/suture/triage',
    };
    const need = kernel.needed.find(({ action }) => action === 'kms:GenerateDataKey');
    expect(need).toMatchObject({ resource: KmsKeyId, context });
    expect(need?.resourcePolicy).toBeDefined();
  });

  it('is refused if the key does not allow the service', async () => {
    const { kernel, KmsKeyId } = await withKey();
    kernel.refuses.add('kms:Decrypt');
    await expect(deploy(kernel, { Group: group({ KmsKeyId }) })).rejects.toThrow(
      "The specified KMS key does not exist or is not allowed to be used with Arn 'arn:aws:logs:us-east-1:111122223333:log-group:/suture/triage'",
    );
    expect(kernel.state(logs, HOME).kinds.groups!.size).toBe(0);
  });

  it('is refused if it exists already or its retention is invalid', async () => {
    const kernel = smallKernel(logs);
    await deploy(kernel, { Group: group() });
    await expect(deploy(kernel, { Group: group() }, 'other')).rejects.toThrow('The specified log group already exists');
    await expect(deploy(smallKernel(logs), { Group: group({ RetentionInDays: 91 }) })).rejects.toThrow(
      'RetentionInDays',
    );
  });
});

describe('metric filters and resource policies', () => {
  const filter = {
    FilterPattern: 'ERROR',
    MetricTransformations: [{ MetricName: 'Errors', MetricNamespace: 'Suture', MetricValue: '1' }],
  };

  const resourcePolicy = (AWS: string) => ({
    PolicyName: 'events',
    PolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS }, Action: 'logs:PutLogEvents', Resource: '*' }],
    }),
  });

  it("name an account by its root's ARN", async () => {
    const kernel = smallKernel(logs);
    await deploy(kernel, { Policy: { Type: 'AWS::Logs::ResourcePolicy', Properties: resourcePolicy('111122223333') } });
    const { resourcePolicies } = await kernel.as('logs', 'DescribeResourcePolicies', {});
    expect(resourcePolicies[0].policyDocument).toContain('{"AWS":"arn:aws:iam::111122223333:root"}');
  });

  it('are stored', async () => {
    const kernel = smallKernel(logs);
    await deploy(kernel, {
      Filter: {
        Type: 'AWS::Logs::MetricFilter',
        Properties: { ...filter, LogGroupName: { Ref: 'Group' }, FilterName: 'errors' },
      },
      Group: group(),
      Policy: { Type: 'AWS::Logs::ResourcePolicy', Properties: { PolicyName: 'events', PolicyDocument: '{}' } },
    });
    const { metricFilters } = await kernel.as('logs', 'DescribeMetricFilters', { logGroupName: '/suture/triage' });
    expect(metricFilters).toMatchObject([{ filterName: 'errors', metricTransformations: [{ metricName: 'Errors' }] }]);
    const policies = kernel.state(logs, HOME).kinds.resourcePolicies!;
    expect(policies.get('events')?.fields).toEqual({ policyDocument: '{}' });
  });

  it.each<[string, object, string]>([
    [
      'a filter of an unknown group',
      { Type: 'AWS::Logs::MetricFilter', Properties: { ...filter, LogGroupName: 'none' } },
      'The specified log group does not exist',
    ],
    [
      'a policy that is not JSON',
      { Type: 'AWS::Logs::ResourcePolicy', Properties: { PolicyName: 'p', PolicyDocument: '{' } },
      'not valid JSON',
    ],
    [
      'a policy for a role, which only services and accounts can be',
      { Type: 'AWS::Logs::ResourcePolicy', Properties: resourcePolicy('arn:aws:iam::111122223333:role/writer') },
      'Principal section of policy contains ARN instead of account ID',
    ],
    [
      "a policy for a service under AWS's accounts",
      { Type: 'AWS::Logs::ResourcePolicy', Properties: resourcePolicy('delivery.logs.amazonaws.com') },
      'Could not convert to persistable policy.',
    ],
  ])('refuse %s', async (_name, resource, message) => {
    await expect(deploy(smallKernel(logs), { Refused: resource })).rejects.toThrow(message);
  });
});

describe('a sampling rule', () => {
  const rule = {
    RuleName: 'suture',
    ResourceARN: '*',
    Priority: 100,
    FixedRate: 0.05,
    ReservoirSize: 1,
    ServiceName: '*',
    ServiceType: '*',
    Host: '*',
    HTTPMethod: '*',
    URLPath: '*',
    Version: 1,
  };

  it('is stored under its ARN', async () => {
    const kernel = smallKernel(xray);
    const stack = await deploy(kernel, {
      Rule: { Type: 'AWS::XRay::SamplingRule', Properties: { SamplingRule: rule } },
    });
    expect(stack.resources.get('Rule')!.created.ref).toBe('arn:aws:xray:us-east-1:111122223333:sampling-rule/suture');
  });

  it('is refused with a rate above 1', async () => {
    const wrong = { Type: 'AWS::XRay::SamplingRule', Properties: { SamplingRule: { ...rule, FixedRate: 5 } } };
    await expect(deploy(smallKernel(xray), { Rule: wrong })).rejects.toThrow('FixedRate');
  });
});
