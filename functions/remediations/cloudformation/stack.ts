/** A stack: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Stack.html */
import {
  CloudFormationClient,
  DescribeStacksCommand,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import * as z from 'zod';
import { arn, type Place } from '../../contract/remediation.ts';
import { controlTowerObstacle } from '../kit/control-tower.ts';
import { resourceType } from '../kit/resource-type.ts';
import { tagsOfList } from '../kit/tag-list.ts';

const STACK = 'arn:{partition}:cloudformation:{region}:{account}:stack/{stack}/{stackId}';

/** Services that create stacks in their users' accounts, and cannot delete protected ones. */
const OWNERS: readonly (readonly [name: RegExp, owner: string])[] = [
  [/^StackSet-/, 'a StackSet, from which no instance with a protected stack can be deleted'],
  [/^SC-\d{12}-pp-/, 'AWS Service Catalog, which terminates the product with its stack'],
  [/^awseb-e-/, 'AWS Elastic Beanstalk, which terminates the environment with its stack'],
];

export const cloudFormationStack = resourceType({
  target: arn('AwsCloudFormationStack', STACK, {
    stack: /[a-zA-Z][-a-zA-Z0-9]{0,127}/,
    stackId: /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/,
  }),
  clients: { cloudformation: CloudFormationClient },
  cloudFormation: 'AWS::CloudFormation::Stack',
  terraform: 'aws_cloudformation_stack',
  reads: [{ actions: ['cloudformation:DescribeStacks'], resources: [STACK], because: 'its settings, status and tags' }],
  writes: {
    actions: ['cloudformation:UpdateTerminationProtection'],
    resources: [STACK],
    because: 'protects the stack; rollback ends the protection',
  },
  attributes: {
    EnableTerminationProtection: { type: z.boolean(), default: false, cloudFormation: null, terraform: null },
  },
}).by({
  async find({ cloudformation, ...context }) {
    const StackName = stackArn(context);
    try {
      const { Stacks = [] } = await cloudformation.send(new DescribeStacksCommand({ StackName }));
      // CloudFormation describes deleted stacks for 90 days.
      return Stacks.find(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE');
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  },
  async change({ cloudformation, ...context }, { EnableTerminationProtection }) {
    const StackName = stackArn(context);
    await cloudformation.send(new UpdateTerminationProtectionCommand({ StackName, EnableTerminationProtection }));
  },
  tags: ({ Tags }) => tagsOfList(Tags),
  obstacle: ({ StackName = '', StackStatus, ParentId, RootId }) => {
    if (ParentId !== undefined) return `it is nested and takes the protection of its root stack: protect ${RootId}`;
    if (StackStatus === 'DELETE_IN_PROGRESS') return 'somebody is deleting it';
    const owner = OWNERS.find(([name]) => name.test(StackName))?.[1];
    return controlTowerObstacle(StackName) ?? (owner && `it belongs to ${owner}`);
  },
});

type StackContext = Place & { readonly target: { readonly stack: string; readonly stackId: string } };

const stackArn = ({ partition, region, account, target }: StackContext): string =>
  `arn:${partition}:cloudformation:${region}:${account}:stack/${target.stack}/${target.stackId}`;

/** CloudFormation has no error of its own for a stack that does not exist. */
const isMissing = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ValidationError' && error.message.endsWith('does not exist');
