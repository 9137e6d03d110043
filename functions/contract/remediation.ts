/**
 * The contract of a remediation: what is (`read`), what should be (`want`), how to get from one state to the other
 * (`write`). Plan, apply, verify, drift check and rollback derive from these; what a module does not say cannot happen.
 */
import * as z from 'zod';

/** Where a finding's resource lives. */
export type Place = { readonly partition: string; readonly account: string; readonly region: string };

/** A Region's name; anything else would become part of a host name. */
export const RegionName = z.string().regex(/^[a-z]{2}(-[a-z]+){1,2}-\d{1,2}$/, 'is not the name of a Region');

/** One entry of a finding's `Resources`, cut to what a target can be read from. */
export const FindingResource = z.object({
  Type: z.string().max(256),
  Id: z.string().max(2048),
  Region: RegionName.optional(),
  Partition: z.string().max(32).optional(),
  Details: z.record(z.string(), z.unknown()).optional(),
  Tags: z.record(z.string(), z.string()).optional(),
});
export type FindingResource = z.infer<typeof FindingResource>;

export type TargetFields = Readonly<Record<string, string>>;

type ClientConfig = {
  region: string;
  maxAttempts: number;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string };
};
type ClientClass = new (config: ClientConfig) => object;
export type ClientClasses = Readonly<Record<string, ClientClass>>;
export type Clients<C extends ClientClasses> = { readonly [K in keyof C]: InstanceType<C[K]> };

type Names<A extends string> = A extends `${string}{${infer N}}${infer Rest}` ? N | Names<Rest> : never;
type Unknown<A extends string, K extends string> = Exclude<Names<A>, K | keyof Place>;
/** Nothing fits it, and the compiler's message says why. */
type Wrong<M extends string> = { readonly mistake: M };
type Known<A extends string, K extends string> = A extends string
  ? [Unknown<A, K>] extends [never]
    ? A
    : Wrong<`{${Unknown<A, K>}} is no field here`>
  : never;

/** Actions on ARN shapes, and the reason a reviewer reads. `{partition}`, `{account}`, `{region}` and target fields are filled in. */
export type Permission<A extends string = string> = {
  readonly actions: readonly `${string}:${string}`[];
  readonly resources: readonly A[];
  readonly because: string;
};

/** Reads the target's fields out of a resource's ARN; a resource of another type or shape is refused with both values. */
export function arn<const A extends string>(
  type: string,
  shape: A,
): z.ZodType<{ readonly [K in Exclude<Names<A>, keyof Place>]: string }, FindingResource> {
  const names = [...shape.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  const own = names.filter((name) => !['partition', 'account', 'region'].includes(name));
  const regex = new RegExp(`^${shape.replace(/[.*+?^$()|[\]\\/]/g, '\\$&').replace(/\{\w+\}/g, '([^:/]+)')}$`);
  return FindingResource.transform(({ Type, Id }, context) => {
    const found = Type === type ? regex.exec(Id) : null;
    if (found) return Object.fromEntries(own.map((name) => [name, found[names.indexOf(name) + 1]!])) as never;
    context.addIssue({ code: 'custom', message: `${Type} "${Id}" is not ${type} "${shape}"` });
    return z.NEVER;
  });
}

/** The target of an account setting: findings name the account as `AWS::::Account:111122223333`. */
export const accountTarget: z.ZodType<{}, FindingResource> = FindingResource.transform(({ Type, Id }, context) => {
  if (Type === 'AwsAccount' && /^AWS::::Account:\d{12}$/.test(Id)) return {};
  context.addIssue({ code: 'custom', message: `${Type} "${Id}" is not AwsAccount "AWS::::Account:{account}"` });
  return z.NEVER;
});

/** `want` returns it to leave the resource alone. The finding becomes NOTIFIED with the reason. */
export type Refusal = { readonly refused: string };
export const refused = (because: string): Refusal => ({ refused: because });
export const isRefusal = (wanted: unknown): wanted is Refusal =>
  typeof wanted === 'object' && wanted !== null && 'refused' in wanted;

/** The input of a step: its clients by name, the place, the target's fields, the parameters and the control that failed. */
export type StepContext<T, P, C> = C &
  Place & {
    readonly target: T;
    readonly params: P;
    readonly control: string;
    /** The start of the execution, from which ages are counted, so that Suture applies exactly what was approved. */
    readonly now: Date;
  };

/** 'safe' cannot change what a running workload or a person can do; 'destructive' loses something for good. */
export const Risk = z.enum(['safe', 'disruptive', 'destructive']);
export type Risk = z.infer<typeof Risk>;

/** The findings that a remediation handles: those of failed controls, or of another product that reports threats. */
export type HandlesInput =
  | { readonly controls: readonly string[] }
  /** `aws/guardduty`, and finding types by their beginnings. */
  | { readonly product: string; readonly types: readonly string[] };
/** The same once defined: of a response to threats, `controls` is empty. */
export type Handles = {
  readonly controls: readonly string[];
  readonly threats?: { readonly product: string; readonly types: readonly string[] };
};

export type RemediationFacts<
  T extends TargetFields,
  F extends TargetFields,
  P,
  S,
  C extends ClientClasses,
  RA extends string,
  WA extends string,
> = {
  /** Equals its folder below `functions/remediations`: `<service>/<verb-thing>`. */
  readonly id: `${string}/${string}`;
  readonly title: string;
  readonly risk: Risk;
  readonly handles: HandlesInput;
  readonly target: z.ZodType<T, FindingResource>;
  /** Fields of the resources that `targets` finds and writes name, if they exceed the finding's target. */
  readonly found?: z.ZodType<F>;
  readonly params: z.ZodType<P>;
  /** The state that `read` returns and rollback restores, without ids that AWS generates. */
  readonly state: z.ZodType<S>;
  readonly reads: readonly Permission<RA>[];
  readonly writes: readonly Permission<WA>[];
  readonly clients: C;
  /** The resource is the same in every Region (IAM, an account setting): one lease for all. */
  readonly global?: true;
  /** Seconds within which a change may still be on its way; until then verify answers pending. Default 60. */
  readonly settleSeconds?: number;
  /** Why rollback cannot restore what was. */
  readonly irreversible?: string;
};

export type ResourceTags = Readonly<Record<string, string>>;

export type RemediationSteps<S, F, Ctx> = {
  /** The state as it is; undefined when the resource is gone. */
  read(context: Ctx): Promise<S | undefined>;
  /** Returns the resources that writes touch, if a finding names an account and the plan finds the resources. */
  targets?(state: S, context: Ctx): readonly F[];
  /** The state as it should be. Equal to what is: compliant. */
  want(state: S, context: Ctx): S | Refusal;
  /**
   * Changes one state into the other. Must be idempotent: it may run again after a crash at any call. `targets` are those
   * that `targets` returned, or a part that fits one session policy: then write is called for each part.
   */
  write(context: Ctx & { readonly targets: readonly F[] }, from: S, to: S): Promise<void>;
  /** Returns what this change loses for good; rollback refuses with it. If every change does, use `irreversible`. */
  loses?(from: S, to: S): string | undefined;
  /**
   * Returns a reason against the change that is not part of the state, such as a user of the resource. Runs in the plan session
   * when something is to change; not by a rollback, nor again once the change has begun.
   */
  objection?(context: Ctx): Promise<Refusal | undefined>;
  /** The resource's tags, read in the plan session when something is to change; where it has none, leave this out. */
  tags?(context: Ctx): Promise<ResourceTags>;
  /** One line for a person. */
  summary(from: S, to: S): string;
};

export type Remediation<
  T extends TargetFields = any,
  F extends TargetFields = any,
  P = any,
  S = any,
  C extends ClientClasses = any,
> = Omit<RemediationFacts<T, F, P, S, C, string, string>, 'handles'> & { readonly handles: Handles } & RemediationSteps<
    S,
    F,
    StepContext<T, P, Clients<C>>
  >;

/** Defines a remediation; every type (clients, target fields, placeholders) is inferred from the facts. */
export function defineRemediation<
  T extends TargetFields,
  P,
  S,
  C extends ClientClasses,
  const RA extends string,
  const WA extends string,
  F extends TargetFields = {},
>(
  facts: RemediationFacts<T, F, P, S, C, RA, WA> & {
    reads: readonly Permission<Known<RA, keyof T & string>>[];
    writes: readonly Permission<Known<WA, keyof (T & F) & string>>[];
  },
): { by(steps: RemediationSteps<S, F, StepContext<T, P, Clients<C>>>): Remediation<T, F, P, S, C> } {
  const { handles } = facts;
  const handled = 'controls' in handles ? handles : { controls: [], threats: handles };
  return { by: (steps) => ({ ...facts, ...steps, handles: handled }) };
}

/** Whether a remediation responds to threats: it then works by the response role, which an organization opts into. */
export const respondsToThreats = ({ handles }: Pick<Remediation, 'handles'>): boolean => handles.threats !== undefined;
