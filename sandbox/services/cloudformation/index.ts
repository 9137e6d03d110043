/** AWS CloudFormation: stacks, of its API and of `deployTemplate`. */
import * as sdk from '@aws-sdk/client-cloudformation';
import { CLOUDFORMATION, type CloudFormationState } from '../../cloudformation/stacks.ts';
import { generated } from '../../kernel/comparison.ts';
import { defineService, type Service } from '../../kernel/kernel.ts';
import { locateByName } from '../locate.ts';
import { stackOperations } from './operations.ts';
import { cloudformationResources } from './resources.ts';
import { stackResources } from './stack-resources.ts';
import { stackSetReads } from './stack-sets.ts';
import { stackSetUpdates } from './update-stack-set.ts';

const byName = locateByName({ 'stack/': 'stacks' });

export const cloudformation: Service<typeof sdk, CloudFormationState> = defineService<typeof sdk, CloudFormationState>({
  ...CLOUDFORMATION,
  sdk,
  client: sdk.CloudFormationClient,
  prefix: 'cloudformation',
  comparable: ({ stacks, ...state }) => ({
    ...state,
    stacks: new Map([...stacks].map(([name, stack]) => [name, { ...stack, createdAt: generated(stack.createdAt) }])),
  }),
  // The ARN of a stack ends with its id.
  locate: (arn, state, place) => byName(arn.replace(/(:stack\/[^/]+)\/.*$/, '$1'), state, place),
  denial: { code: 'AccessDenied', status: 403 },
  throttling: { code: 'Throttling', status: 400 },
  operations: { ...stackOperations, ...stackResources, ...stackSetReads, ...stackSetUpdates },
  resources: cloudformationResources,
});
