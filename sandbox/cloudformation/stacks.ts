import { type CreatedResource, defineService } from '../kernel/kernel.ts';

export type StackResource = {
  readonly type: string;
  /** Resolved, as the resource type got them. */
  readonly properties: unknown;
  readonly made: CreatedResource;
  readonly deletionPolicy?: string;
};

export type Stack = {
  readonly name: string;
  readonly id: string;
  readonly resources: Map<string, StackResource>;
  readonly outputs: Map<string, unknown>;
};

export type CloudFormationState = {
  readonly stacks: Map<string, Stack>;
  /** By export name. */
  readonly exports: Map<string, { readonly value: unknown; readonly stack: string }>;
};

/** Holds the stacks of an account and Region. CloudFormation's own API is not modelled: `deployTemplate` is the way in. */
export const cloudformation = defineService<{}, CloudFormationState>({
  name: 'cloudformation',
  sdk: {},
  client: class {},
  prefix: 'cloudformation',
  scope: 'region',
  state: () => ({ stacks: new Map(), exports: new Map() }),
  operations: {},
  resources: {
    // Analytics that CDK adds to every stack: it has no effect.
    'AWS::CDK::Metadata': {
      create: (_properties, _at, resource) => ({ ref: resource.logicalId }),
      update: (made) => made,
      remove: () => {},
    },
  },
});
