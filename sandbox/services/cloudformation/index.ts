/** AWS CloudFormation. Its own API is not modelled: stacks are deployed by `deployTemplate`. */
import { CLOUDFORMATION, type CloudFormationState } from '../../cloudformation/stacks.ts';
import { wholeState } from '../../kernel/comparison.ts';
import { defineService, type Service } from '../../kernel/kernel.ts';
import { locateNothing } from '../locate.ts';

export const cloudformation: Service<{}, CloudFormationState> = defineService<{}, CloudFormationState>({
  ...CLOUDFORMATION,
  sdk: {},
  client: class {},
  prefix: 'cloudformation',
  comparable: wholeState,
  locate: locateNothing,
  denial: { code: 'AccessDenied', status: 403 },
  operations: {},
  resources: {
    // CDK adds this resource to every stack for its analytics. It has no effect.
    'AWS::CDK::Metadata': {
      create: (_properties, _at, resource) => ({ ref: resource.logicalId }),
      update: (existing) => existing,
      remove: () => {},
    },
  },
});
