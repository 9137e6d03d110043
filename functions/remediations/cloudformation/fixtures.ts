/** Stacks for scenarios, created as an administrator of the account. */
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  type Tag,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Clients } from '../../contract/remediation.ts';
import { createBucket } from '../kit/create-bucket.ts';
import { type FixtureContext, resourceFixture } from '../kit/resource-fixture.ts';
import { listOfTags } from '../kit/tag-list.ts';
import { cloudFormationStack } from './stack.ts';

type StackInput = {
  readonly StackName: string;
  readonly Tags?: Tag[];
  readonly EnableTerminationProtection?: boolean | undefined;
};

const ONE_HANDLE = { Handle: { Type: 'AWS::CloudFormation::WaitConditionHandle' } };

/** Creates a stack with these resources; by default it is a wait condition's handle, which does nothing. */
export async function createStack(
  cloudformation: CloudFormationClient,
  input: StackInput,
  Resources: object = ONE_HANDLE,
) {
  const command = new CreateStackCommand({ ...input, TemplateBody: JSON.stringify({ Resources }) });
  const { StackId } = await cloudformation.send(command);
  return { stack: input.StackName, stackId: StackId!.slice(StackId!.lastIndexOf('/') + 1) };
}

const CLIENTS = { cloudformation: CloudFormationClient, s3: S3Client };

/** Creates a stack with a nested one. Returns the nested one. */
async function createNested(
  { cloudformation, s3 }: Clients<typeof CLIENTS>,
  context: FixtureContext<{ readonly stack: string; readonly stackId: string }>,
) {
  const { name, account, region } = context;
  const Bucket = `${name}-${account}-${region}`;
  await createBucket(s3, Bucket, context);
  await s3.send(new PutObjectCommand({ Bucket, Key: 'nested.json', Body: JSON.stringify({ Resources: ONE_HANDLE }) }));
  const TemplateURL = `https://${Bucket}.s3.${region}.amazonaws.com/nested.json`;
  const Resources = { Nested: { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL } } };
  const root = await createStack(cloudformation, { StackName: name }, Resources);
  const { Stacks = [] } = await cloudformation.send(new DescribeStacksCommand({}));
  const { StackId } = Stacks.find(({ RootId }) => RootId?.endsWith(root.stackId))!;
  return cloudFormationStack.target.parse({ Type: 'AwsCloudFormationStack', Id: StackId! });
}

export const stacks = resourceFixture(cloudFormationStack, {
  clients: CLIENTS,
  absent: { stack: 'gone', stackId: '00000000-0000-4000-8000-000000000000' },
  create: ({ cloudformation }, { target }, { EnableTerminationProtection }, tags) =>
    createStack(cloudformation, { StackName: target.stack, Tags: listOfTags(tags), EnableTerminationProtection }),
  tag: ({ cloudformation }, { target }, tags) =>
    cloudformation.send(
      new UpdateStackCommand({ StackName: target.stack, UsePreviousTemplate: true, Tags: listOfTags(tags) }),
    ),
  situations: {
    'it is nested in another stack': { expected: 'REFUSED', create: createNested },
    'somebody deleted it a while ago': {
      expected: 'COMPLIANT',
      after: ({ cloudformation }, { target }) =>
        cloudformation.send(new DeleteStackCommand({ StackName: target.stack })),
    },
    'it belongs to Control Tower': {
      expected: 'REFUSED',
      named: ({ name }) => `StackSet-AWSControlTowerBP-BASELINE-CONFIG-${name}`,
    },
    'it belongs to a StackSet': { expected: 'REFUSED', named: ({ name }) => `StackSet-rollout-${name}` },
    'it is a product of Service Catalog': {
      expected: 'REFUSED',
      named: ({ account, name }) => `SC-${account}-pp-${name}`,
    },
    'it is an environment of Elastic Beanstalk': { expected: 'REFUSED', named: ({ name }) => `awseb-e-${name}-stack` },
  },
});
