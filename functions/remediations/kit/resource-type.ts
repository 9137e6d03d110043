/**
 * A type of resource: how it is named, found, changed and tagged, and when it cannot be changed. It is declared once.
 * Settings (`setting.ts`) say which values its attributes must have.
 */
import type * as z from 'zod';
import type {
  Alias,
  ClientClasses,
  Clients,
  FindingResource,
  Permission,
  Place,
  PlaceholderChecked,
  ResourceTags,
  TargetFields,
} from '../../contract/remediation.ts';

/** null: the resource has no such attribute, and AWS treats that as a value of its own. */
export type AttributeValue = boolean | number | string | null;
export type AttributeValues = Readonly<Record<string, AttributeValue>>;

export type Attribute<V> = {
  readonly type: z.ZodType<V>;
  /** The value that AWS uses if the resource has none. Rollback writes it. */
  readonly default: NoInfer<V>;
  /**
   * Its property in CloudFormation, with dots into nested ones, and a key in brackets for a list of Key and Value
   * (`LoadBalancerAttributes[idle_timeout.timeout_seconds]`). Default: its own name; null: CloudFormation has none.
   */
  readonly cloudFormation?: string | null;
  /** Its argument in Terraform, with dots into blocks; null: Terraform has none. */
  readonly terraform: string | null;
  /** Permissions for reading it besides those of the resource type. */
  readonly reads?: readonly Permission[];
  /** Changes it, instead of the actions in the writes of the resource type. */
  readonly actions?: Permission['actions'];
  /** Further permissions for changing it, such as iam:PassRole. */
  readonly also?: readonly Permission[];
};

export type ResourceFacts<
  T extends TargetFields,
  C extends ClientClasses,
  V extends AttributeValues,
  RA extends string,
  WA extends string,
> = {
  readonly target: z.ZodType<T, FindingResource>;
  /** Another ARN by which some findings name it. */
  readonly alias?: Alias<NoInfer<T>, NoInfer<C>>;
  readonly clients: C;
  /** Such as `AWS::RDS::DBInstance`; null: CloudFormation has no such type. */
  readonly cloudFormation: string | null;
  /** Such as `aws_db_instance`; null: Terraform has no such resource. */
  readonly terraform: string | null;
  readonly reads: readonly Permission<RA>[];
  readonly writes: Permission<WA>;
  readonly attributes: { readonly [K in keyof V]: Attribute<V[K]> };
  /** AWS's errors while the resource takes no change: the change is tried again. */
  readonly busyErrors?: readonly string[];
  readonly settleSeconds?: number;
  readonly global?: true;
};

/** The attributes that the resource has. AWS's description of it may be used as it is. */
type Found<V> = { readonly [K in keyof V]?: V[K] | null | undefined };
export type ResourceContext<T, C extends ClientClasses> = Clients<C> & Place & { readonly target: T };

export type ResourceSteps<V, D, Ctx> = {
  /** Returns the resource, or undefined if it is gone. Attributes not in `names` may be left out. */
  find(context: Ctx, names: readonly (keyof V & string)[]): Promise<D | undefined>;
  /**
   * Changes exactly these attributes. Must be idempotent. `from` has the current values of the same attributes. May return
   * a refusal if AWS has no room for the change.
   */
  change(context: Ctx, values: Partial<V>, from: Partial<V>): Promise<unknown>;
  tags?(found: D, context: Ctx): ResourceTags | Promise<ResourceTags>;
  /** Returns why AWS takes no change at the moment. It is tried again. */
  busy?(found: D): string | undefined;
  /** Returns why AWS will never take this change, or not before somebody does something. It is refused. */
  obstacle?(found: D, values: Partial<V>): string | undefined;
  /** Returns the changes of its owner that AWS would apply together with this change. It is refused. */
  pending?(found: D, values: Partial<V>): object | undefined;
};

export type ResourceDeclaration<
  T extends TargetFields = any,
  C extends ClientClasses = any,
  V extends AttributeValues = any,
  D = any,
> = ResourceFacts<T, C, V, string, string> & ResourceSteps<V, D, ResourceContext<T, C>>;

/** Infers every type (clients, target fields, attributes and their values) from the facts. */
export const resourceType = <
  T extends TargetFields,
  C extends ClientClasses,
  V extends AttributeValues,
  const RA extends string,
  const WA extends string,
>(
  facts: ResourceFacts<T, C, V, RA, WA> & {
    reads: readonly Permission<PlaceholderChecked<RA, keyof T & string>>[];
    writes: Permission<PlaceholderChecked<WA, keyof T & string>>;
  },
) => ({
  by: <D extends Found<V>>(steps: ResourceSteps<V, D, ResourceContext<T, C>>): ResourceDeclaration<T, C, V, D> => ({
    ...facts,
    ...steps,
  }),
});
