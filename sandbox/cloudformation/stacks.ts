import type { CreatedResource, StateKey } from '../kernel/kernel.ts';

export type StackResource = {
  readonly type: string;
  /** With every intrinsic function resolved. */
  readonly properties: unknown;
  readonly created: CreatedResource;
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
  readonly exports: Map<string, { readonly value: unknown; readonly stack: string }>;
};

export const CLOUDFORMATION: StateKey<CloudFormationState> = {
  name: 'cloudformation',
  scope: 'region',
  state: () => ({ stacks: new Map(), exports: new Map() }),
};
