/**
 * The API of stacks. A deployment ends before CreateStack answers, so no stack is ever in progress. Updates of anything
 * but tags and change sets are not modelled.
 */
import { isDeepStrictEqual } from 'node:util';
import type * as sdk from '@aws-sdk/client-cloudformation';
import { deleteStack, deployTemplate } from '../../cloudformation/deploy.ts';
import type { CloudFormationState, DeletedStack, Stack } from '../../cloudformation/stacks.ts';
import { type At, AwsError, type Need, type ServiceOperations } from '../../kernel/kernel.ts';
import { TAG_LIST } from '../../records/tag-forms.ts';
import { notModelled, onlyMembers, pageOf } from '../requests.ts';
import { requestedTemplate } from './template-url.ts';

type StacksAt = At<CloudFormationState>;
export type AnyStack = Stack | DeletedStack;

const STACKS_PER_PAGE = 100;
const invalid = (message: string) => new AwsError('ValidationError', message);

export const stackOperations: ServiceOperations<typeof sdk, CloudFormationState> = {
  CreateStack: {
    needs: (input, at) => [stackNeed('CreateStack', input.StackName, at)],
    run: async (input, at) => {
      const members = ['StackName', 'TemplateBody', 'TemplateURL', 'Tags', 'EnableTerminationProtection'] as const;
      onlyMembers('CreateStack', input, members);
      const name = checkedName(input.StackName, at);
      const tags = TAG_LIST.read(input.Tags);
      const options = { as: at.principal, tags, isProtected: input.EnableTerminationProtection ?? false };
      const text = await requestedTemplate(input, at);
      if (text === undefined) throw invalid('Either Template URL or Template Body must be specified.');
      const { id } = await deployTemplate(at.kernel, at, name, parsedTemplate(text), options);
      return { StackId: id };
    },
  },
  DeleteStack: {
    needs: (input, at) => [stackNeed('DeleteStack', input.StackName, at)],
    run: async (input, at) => {
      onlyMembers('DeleteStack', input, ['StackName']);
      const stack = findStack(input.StackName, at);
      // CloudFormation is silent about a stack that does not exist.
      if (!stack || 'deletedAt' in stack) return {};
      if (rootOf(stack, at).isProtected)
        throw invalid(`Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`);
      await deleteStack(at.kernel, at, stack.name, at.principal);
      return {};
    },
  },
  DescribeStacks: {
    needs: (input, at) => [stackNeed('DescribeStacks', input.StackName, at)],
    run: (input, at) => {
      onlyMembers('DescribeStacks', input, ['StackName', 'NextToken']);
      const stacks = input.StackName === undefined ? at.state.stacks.values() : [describedStack(input.StackName, at)];
      const page = stackPage(stacks, input.NextToken);
      return { Stacks: page.items.map((stack) => shownStack(stack, at)), NextToken: page.nextToken };
    },
  },
  ListStacks: {
    run: (input, at) => {
      onlyMembers('ListStacks', input, ['StackStatusFilter', 'NextToken']);
      const { StackStatusFilter: statuses = [] } = input;
      const all = [...at.state.stacks.values(), ...at.state.deleted.values()].filter(
        (stack) => statuses.length === 0 || statuses.includes(statusOf(stack)),
      );
      const page = stackPage(all, input.NextToken);
      return { StackSummaries: page.items.map((stack) => stackSummary(stack, at)), NextToken: page.nextToken };
    },
  },
  UpdateStack: {
    needs: (input, at) => [stackNeed('UpdateStack', input.StackName, at)],
    run: (input, at) => {
      onlyMembers('UpdateStack', input, ['StackName', 'UsePreviousTemplate', 'Tags']);
      if (!input.UsePreviousTemplate) throw notModelled('UpdateStack with another template');
      const stack = presentStack(input.StackName, at);
      const tags = TAG_LIST.read(input.Tags);
      if (isDeepStrictEqual(tags, stack.tags)) throw invalid('No updates are to be performed.');
      at.state.stacks.set(stack.name, { ...stack, tags });
      return { StackId: stack.id };
    },
  },
  UpdateTerminationProtection: {
    needs: (input, at) => [stackNeed('UpdateTerminationProtection', input.StackName, at)],
    run: (input, at) => {
      onlyMembers('UpdateTerminationProtection', input, ['StackName', 'EnableTerminationProtection']);
      const stack = presentStack(input.StackName, at);
      if (stack.parent !== undefined)
        throw invalid(`Stack [${stack.name}] is nested. Update the termination protection of the root stack.`);
      at.state.stacks.set(stack.name, { ...stack, isProtected: input.EnableTerminationProtection ?? false });
      return { StackId: stack.id };
    },
  },
};

export function stackNeed(operation: string, nameOrId: string | undefined, at: StacksAt): Need {
  const action = `cloudformation:${operation}`;
  if (nameOrId === undefined) return { action, resource: '*' };
  const stack = findStack(nameOrId, at);
  const arn = `arn:${at.partition}:cloudformation:${at.region}:${at.account}:stack/${nameOrId}/*`;
  return {
    action,
    resource: stack?.id ?? (nameOrId.startsWith('arn:') ? nameOrId : arn),
    resourceTags: stack?.tags ?? {},
  };
}

/** Finds a stack that exists by its name, and also a deleted one by its id. */
function findStack(nameOrId: string | undefined, { state }: StacksAt): AnyStack | undefined {
  const byId = [...state.stacks.values()].find(({ id }) => id === nameOrId);
  return byId ?? state.stacks.get(nameOrId ?? '') ?? state.deleted.get(nameOrId ?? '');
}

export function describedStack(nameOrId: string, at: StacksAt): AnyStack {
  const stack = findStack(nameOrId, at);
  if (!stack) throw invalid(`Stack with id ${nameOrId} does not exist`);
  return stack;
}

function presentStack(nameOrId: string | undefined, at: StacksAt): Stack {
  const stack = findStack(nameOrId, at);
  if (!stack || 'deletedAt' in stack) throw invalid(`Stack [${nameOrId}] does not exist`);
  return stack;
}

function checkedName(name: string | undefined, at: StacksAt): string {
  if (!/^[a-zA-Z][-a-zA-Z0-9]{0,127}$/.test(name ?? ''))
    throw invalid(`1 validation error detected: Value '${name}' at 'stackName' failed to satisfy constraint`);
  if (at.state.stacks.has(name!)) throw new AwsError('AlreadyExistsException', `Stack [${name}] already exists`);
  return name!;
}

function parsedTemplate(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw notModelled('a template that is not JSON');
  }
}

const stackPage = (stacks: Iterable<AnyStack>, token: string | undefined) =>
  pageOf([...stacks], token, STACKS_PER_PAGE, () => invalid('Invalid NextToken'));

const statusOf = (stack: AnyStack) => ('deletedAt' in stack ? 'DELETE_COMPLETE' : stack.status);

const parentOf = (stack: Stack, { state }: StacksAt): Stack | undefined => state.stacks.get(stack.parent ?? '');

function rootOf(stack: Stack, at: StacksAt): Stack {
  const parent = parentOf(stack, at);
  return parent ? rootOf(parent, at) : stack;
}

function stackSummary(stack: AnyStack, at: StacksAt) {
  const summary = {
    StackId: stack.id,
    StackName: stack.name,
    StackStatus: statusOf(stack),
    CreationTime: new Date(stack.createdAt),
  } as const;
  if ('deletedAt' in stack) return { ...summary, DeletionTime: new Date(stack.deletedAt) };
  const parent = parentOf(stack, at);
  return { ...summary, ...(parent && { ParentId: parent.id, RootId: rootOf(stack, at).id }) };
}

function shownStack(stack: AnyStack, at: StacksAt): sdk.Stack {
  const Tags = TAG_LIST.write(stack.tags) as sdk.Tag[];
  const shown = { ...stackSummary(stack, at), Tags };
  if ('deletedAt' in stack) return { ...shown, EnableTerminationProtection: false };
  const Outputs = [...stack.outputs].map(([OutputKey, value]) => ({ OutputKey, OutputValue: String(value) }));
  return { ...shown, Outputs, EnableTerminationProtection: rootOf(stack, at).isProtected };
}
