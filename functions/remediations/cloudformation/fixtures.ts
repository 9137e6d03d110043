/** Stacks for scenarios, created as an administrator of the account. */
import {
  type CloudFormationClient,
  CreateStackCommand,
  type Tag,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { resourceFixture } from '../kit/resource-fixture.ts';
import { listOfTags } from '../kit/tag-list.ts';
import { cloudFormationStack } from './stack.ts';

type StackInput = {
  readonly StackName: string;
  readonly Tags?: Tag[];
  readonly EnableTerminationProtection?: boolean | undefined;
};

/** Creates a stack with these resources, by default with one that does nothing. */
export async function createStack(
  cloudformation: CloudFormationClient,
  input: StackInput,
  Resources: object = { Handle: { Type: 'AWS::CloudFormation::WaitConditionHandle' } },
) {
  const command = new CreateStackCommand({ ...input, TemplateBody: JSON.stringify({ Resources }) });
  const { StackId } = await cloudformation.send(command);
  return { stack: input.StackName, stackId: StackId!.slice(StackId!.lastIndexOf('/') + 1) };
}

export const stacks = resourceFixture(cloudFormationStack, {
  absent: { stack: 'gone', stackId: '00000000-0000-4000-8000-000000000000' },
  create: ({ cloudformation }, { target }, { EnableTerminationProtection }, tags) =>
    createStack(cloudformation, { StackName: target.stack, Tags: listOfTags(tags), EnableTerminationProtection }),
  tag: ({ cloudformation }, { target }, tags) =>
    cloudformation.send(
      new UpdateStackCommand({ StackName: target.stack, UsePreviousTemplate: true, Tags: listOfTags(tags) }),
    ),
});
