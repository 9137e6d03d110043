import type { AwsPlace, CreatedResource, Kernel, StateKey } from '../kernel/kernel.ts';

export type StackResource = {
  readonly type: string;
  /** With every intrinsic function resolved. */
  readonly properties: unknown;
  readonly created: CreatedResource;
  /** When a deployment last created or changed it. */
  readonly changedAt?: number;
  readonly deletionPolicy?: string;
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html */
export type StackStatus =
  | 'CREATE_COMPLETE'
  | 'ROLLBACK_COMPLETE'
  | 'ROLLBACK_FAILED'
  | 'UPDATE_COMPLETE'
  | 'UPDATE_ROLLBACK_COMPLETE'
  | 'UPDATE_ROLLBACK_FAILED';

export type Stack = {
  readonly name: string;
  readonly id: string;
  readonly status: StackStatus;
  readonly resources: Map<string, StackResource>;
  readonly outputs: Map<string, unknown>;
  readonly createdAt: number;
  readonly tags: Readonly<Record<string, string>>;
  /** Termination protection. Nested stacks have that of their root. */
  readonly isProtected: boolean;
  /** The name of the stack that this one is nested in. */
  readonly parent?: string;
};

/** CloudFormation describes it by its id for 90 days. */
export type DeletedStack = Pick<Stack, 'name' | 'id' | 'createdAt' | 'tags' | 'resources'> & {
  readonly deletedAt: number;
};

export type CloudFormationState = {
  readonly stacks: Map<string, Stack>;
  /** By their ids. */
  readonly deleted: Map<string, DeletedStack>;
  readonly exports: Map<string, { readonly value: unknown; readonly stack: string }>;
};

export const CLOUDFORMATION: StateKey<CloudFormationState> = {
  name: 'cloudformation',
  scope: 'region',
  state: () => ({ stacks: new Map(), deleted: new Map(), exports: new Map() }),
};

export const isRetained = ({ deletionPolicy }: StackResource) =>
  deletionPolicy === 'Retain' || deletionPolicy === 'RetainExceptOnCreate';

export function arnOfStack(kernel: Kernel, place: AwsPlace, stackName: string): string {
  return `arn:${place.partition}:cloudformation:${place.region}:${place.account}:stack/${stackName}/${kernel.uuid('stack/')}`;
}
