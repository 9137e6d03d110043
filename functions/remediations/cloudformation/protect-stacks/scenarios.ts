import { CloudFormationClient, DeleteStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Clients } from '../../../contract/remediation.ts';
import type { Arrange, ScenarioContext } from '../../../contract/scenario.ts';
import { createBucket } from '../../kit/create-bucket.ts';
import { arrangeResource } from '../../kit/resource-fixture.ts';
import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { createStack, stacks } from '../fixtures.ts';
import protectStacks from './index.ts';

const CLIENTS = { cloudformation: CloudFormationClient, s3: S3Client };
type Step = Arrange<Clients<typeof CLIENTS>, { readonly stack: string; readonly stackId: string }>;

const UNPROTECTED = { values: { EnableTerminationProtection: false } };

/** A stack whose name says who created it. */
const named =
  (nameOf: (context: ScenarioContext<any>) => string): Step =>
  (clients, context) =>
    arrangeResource(stacks, UNPROTECTED)(clients, { ...context, target: { stack: nameOf(context), stackId: '' } });

const nested: Step = async ({ cloudformation, s3 }, context) => {
  const { name, account, region } = context;
  const Bucket = `${name}-${account}-${region}`;
  await createBucket(s3, Bucket, context);
  const Body = JSON.stringify({ Resources: { Handle: { Type: 'AWS::CloudFormation::WaitConditionHandle' } } });
  await s3.send(new PutObjectCommand({ Bucket, Key: 'nested.json', Body }));
  const TemplateURL = `https://${Bucket}.s3.${region}.amazonaws.com/nested.json`;
  const Resources = { Nested: { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL } } };
  const root = await createStack(cloudformation, { StackName: name }, Resources);
  const { Stacks = [] } = await cloudformation.send(new DescribeStacksCommand({}));
  const { StackId } = Stacks.find(({ RootId }) => RootId?.endsWith(root.stackId))!;
  return { Type: 'AwsCloudFormationStack', Id: StackId!, Partition: context.partition, Region: region };
};

const deleted: Step = async (clients, context) => {
  const resource = await arrangeResource(stacks, UNPROTECTED)(clients, context);
  await clients.cloudformation.send(new DeleteStackCommand({ StackName: resource.Id }));
  return resource;
};

export default settingScenarios(
  protectStacks,
  { ...stacks, clients: CLIENTS },
  {
    wrong: { EnableTerminationProtection: false },
    right: { EnableTerminationProtection: true },
    more: {
      'it is nested in another stack': { arrange: nested, expected: 'REFUSED' },
      'somebody deleted it a while ago': { arrange: deleted, expected: 'COMPLIANT' },
      'it belongs to Control Tower': {
        arrange: named(({ name }) => `StackSet-AWSControlTowerBP-BASELINE-CONFIG-${name}`),
        expected: 'REFUSED',
      },
      'it belongs to a StackSet': { arrange: named(({ name }) => `StackSet-rollout-${name}`), expected: 'REFUSED' },
      'it is a product of Service Catalog': {
        arrange: named(({ account, name }) => `SC-${account}-pp-${name}`),
        expected: 'REFUSED',
      },
      'it is an environment of Elastic Beanstalk': {
        arrange: named(({ name }) => `awseb-e-${name}-stack`),
        expected: 'REFUSED',
      },
    },
  },
);
