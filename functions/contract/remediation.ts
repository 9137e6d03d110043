/**
 * The contract of a remediation: what is (`read`), what should be (`want`), how to get from one state to the other
 * (`write`). Plan, apply, verify, drift check and rollback derive from these; what a module does not say cannot happen.
 */
import * as z from 'zod';

export type Place = { readonly partition: string; readonly account: string; readonly region: string };

/** Any other text would become part of a host name. */
export const RegionName = z.string().regex(/^[a-z]{2}(-[a-z]+){1,2}-\d{1,2}$/, 'is not the name of a Region');

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
/** A type that no value satisfies; the compiler shows its message. */
type Wrong<M extends string> = { readonly mistake: M };
/** The ARN shape if its placeholders are fields of the place or of `K`, else a mistake. */
export type PlaceholderChecked<A extends string, K extends string> = A extends string
  ? [Unknown<A, K>] extends [never]
    ? A
    : Wrong<`{${Unknown<A, K>}} is not a field here`>
  : never;

/**
 * Actions on ARN shapes, and the reason for reviewers. The engine fills in `{partition}`, `{account}`, `{region}` and
 * target fields.
 */
export type Permission<A extends string = string> = {
  readonly actions: readonly `${string}:${string}`[];
  readonly resources: readonly A[];
  readonly because: string;
  /** Values that condition keys of IAM must have, such as the one policy that may be attached; `{partition}` is filled. */
  readonly only?: Readonly<Record<string, string>>;
  /** Why a write's resource has a wildcard, such as `*`: the target does not limit it. The catalogue shows it. */
  readonly wildcardBecause?: string;
};

type OwnFields<A extends string> = Exclude<Names<A>, keyof Place>;
type FieldForms<K extends string> = { readonly [N in K]?: RegExp };

/**
 * Parses the target from a resource's ARN. An error names the type or ARN that does not match.
 * @param ids the form of each field, without anchors, so that only ids that AWS generates parse. Default `[^:/]+`
 * @param ending text that may follow the ARN in a finding, and is not part of the target
 */
export function arn<const A extends string>(
  type: string,
  shape: A,
  ids: FieldForms<OwnFields<A>> = {},
  ending?: RegExp,
): z.ZodType<{ readonly [K in OwnFields<A>]: string }, FindingResource> {
  const names = [...shape.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  const own = names.filter((name) => !['partition', 'account', 'region'].includes(name));
  const forms: Readonly<Record<string, RegExp | undefined>> = ids;
  const escaped = shape.replace(/[.*+?^$()|[\]\\/]/g, '\\$&');
  const form = escaped.replace(/\{(\w+)\}/g, (_, name) => `(${forms[name]?.source ?? '[^:/]+'})`);
  const regex = new RegExp(`^${form}(?:${ending?.source ?? ''})$`);
  const schema = FindingResource.transform(({ Type, Id }, context) => {
    const found = Type === type ? regex.exec(Id) : null;
    if (found) return Object.fromEntries(own.map((name) => [name, found[names.indexOf(name) + 1]!])) as never;
    context.addIssue({
      code: 'custom',
      message: `${Type} "${Id}" is not ${type}: its ${Type === type ? '' : `Type must be ${type}, and its `}Id must be an ARN such as ${exampleArn(shape, forms)}`,
    });
    return z.NEVER;
  });
  return Object.assign(identifiedBy(shape, schema, type), {
    [ARN_FORMS]: { ids: forms, ending },
  } satisfies FormsCarrier);
}

const EXAMPLE_PLACE: Readonly<Record<string, string>> = {
  partition: 'aws',
  region: 'us-east-1',
  account: '111122223333',
};

/** Returns an ARN of the shape. An id that AWS generates shows its beginning: `sg-0123…`. */
const exampleArn = (shape: string, forms: Readonly<Record<string, RegExp | undefined>>): string =>
  shape.replace(/\{(\w+)\}/g, (_, name) => EXAMPLE_PLACE[name] ?? exampleId(name, forms[name]));

function exampleId(name: string, form: RegExp | undefined): string {
  const beginning = /^[A-Za-z]+-(?=[([])/.exec(form?.source ?? '')?.[0];
  return beginning === undefined ? `<${name}>` : `${beginning}0123…`;
}

const ARN_FORMS = Symbol.for('suture.arn-forms');
type ArnForms = { readonly ids: FieldForms<string>; readonly ending?: RegExp };
type FormsCarrier = { readonly [ARN_FORMS]?: ArnForms };

/** Returns the forms of a target that `arn` created; undefined for others. */
export const arnForms = (schema: z.ZodType): ArnForms | undefined => (schema as FormsCarrier)[ARN_FORMS];

/** Registered, because a package of remediations may load another copy of this module. */
const TARGET_ARN = Symbol.for('suture.target-arn');
type TargetIdentity = { readonly shape: string; readonly type?: string };
type ArnCarrier = { readonly [TARGET_ARN]?: TargetIdentity };

/**
 * Returns the schema of a target with the shape of its ARN, for findings that name the resource in another way. `arn`
 * calls it with the type of the finding's resource too.
 */
export function identifiedBy<S extends z.ZodType>(shape: string, schema: S, type?: string): S {
  return Object.assign(schema, { [TARGET_ARN]: { shape, type } } satisfies ArnCarrier);
}

/**
 * Returns the ARN shape of a target, and its type if `arn` created the schema.
 * @throws TypeError for a schema without an ARN shape
 */
export function identityOfTarget(schema: z.ZodType, id: string): TargetIdentity {
  const identity = (schema as ArnCarrier)[TARGET_ARN];
  if (identity) return identity;
  throw new TypeError(`The target of ${id} has no ARN. Create it with arn, or say its ARN with identifiedBy.`);
}

/** The ARNs by which findings name the resources of a remediation. */
type TargetNames = Pick<Remediation, 'id' | 'target'> & { readonly alias?: Pick<Alias, 'target'> };

/** Returns the ARN of a target, the same for all findings about it. An alias has another ARN. */
export function targetArn(names: TargetNames, place: Place, target: TargetFields) {
  const schema = isAlias(names, target) ? names.alias!.target : names.target;
  return identityOfTarget(schema, names.id).shape.replace(
    /\{(\w+)\}/g,
    (_, name: string) => place[name as keyof Place] ?? target[name] ?? '',
  );
}

/** Parses the resource of a finding: the target, or its alias. The error is that of the target. */
export function parseTarget(
  { target, alias }: Omit<TargetNames, 'id'>,
  resource: FindingResource,
): z.ZodSafeParseResult<TargetFields> {
  const own = target.safeParse(resource);
  const other = own.success ? undefined : alias?.target.safeParse(resource);
  return other?.success ? other : own;
}

/** Whether a finding named the resource by its alias, whose fields have other names than those of the target. */
export const isAlias = ({ id, alias }: Pick<TargetNames, 'id' | 'alias'>, fields: TargetFields): boolean =>
  alias !== undefined &&
  Object.keys(fields).length > 0 &&
  Object.keys(fields).every((name) => identityOfTarget(alias.target, id).shape.includes(`{${name}}`));

/** The target of an account setting: findings name the account as `AWS::::Account:111122223333`. */
export const accountTarget: z.ZodType<{}, FindingResource> = identifiedBy(
  'arn:{partition}:iam::{account}:root',
  FindingResource.transform(({ Type, Id }, context) => {
    if (Type === 'AwsAccount' && /^AWS::::Account:\d{12}$/.test(Id)) return {};
    const message = `${Type} "${Id}" is not AwsAccount: its Type must be AwsAccount, and its Id such as AWS::::Account:111122223333`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  }),
);

/** `want` returns it to leave the resource alone. The finding becomes NOTIFIED with the reason. */
export type Refusal = { readonly refused: string };
export const refused = (because: string): Refusal => ({ refused: because });
export const isRefusal = (wanted: unknown): wanted is Refusal =>
  typeof wanted === 'object' && wanted !== null && 'refused' in wanted;

/** The input of a step: its clients by name, the target's fields, the parameters and the control that failed. */
export type StepContext<T, P, C> = C &
  Place & {
    readonly target: T;
    readonly params: P;
    readonly control: string;
    /** The start of the execution. Ages count from it, so that apply changes what was approved. */
    readonly now: Date;
  };

/**
 * Another ARN by which some findings name the resource, with an id that its API does not take. The engine finds the target
 * in a session that may only look it up, and binds everything after that to what AWS answered.
 */
export type Alias<T = any, C extends ClientClasses = any> = {
  /** Its fields have other names than those of the target. */
  readonly target: z.ZodType<TargetFields, FindingResource>;
  /** Permissions for looking it up. Placeholders are fields of the alias. */
  readonly reads: readonly Permission[];
  /** Returns the target, or undefined if AWS knows no resource with this id. */
  find(context: Clients<C> & Place & { readonly alias: TargetFields }): Promise<T | undefined>;
};

/** `safe` cannot affect a running workload or a person; `destructive` loses something permanently. */
export const Risk = z.enum(['safe', 'disruptive', 'destructive']);
export type Risk = z.infer<typeof Risk>;

/** The findings that a remediation handles: those of failed controls, or of another product that reports threats. */
export type HandlesInput =
  | { readonly controls: readonly string[] }
  /** A product such as `aws/guardduty`, and prefixes of finding types. */
  | { readonly product: string; readonly types: readonly string[] };
export type Handles = {
  readonly controls: readonly string[];
  readonly threats?: { readonly product: string; readonly types: readonly string[] };
};

export type ControlValue = number | boolean | readonly number[];

/** A parameter that the control has too, in Security Hub. */
export type ControlParameter<V = ControlValue> = {
  /** Which values ask for more: greater or smaller numbers, true, or lists with fewer elements. */
  readonly stricter: 'more' | 'less' | 'true' | 'fewer';
  /** The values that each control requires if no organization has changed it. */
  readonly requires: Readonly<Record<string, V>>;
  /** Its name in Security Hub, for each control for which AWS lets organizations change it. */
  readonly customizable?: Readonly<Record<string, string>>;
};

/** `own`: a parameter that only Suture has. */
export type ControlParameters<P> = { readonly [N in keyof P]?: ControlParameter<NonNullable<P[N]>> | 'own' };

export type RemediationFacts<
  T extends TargetFields,
  F extends TargetFields,
  P,
  S,
  C extends ClientClasses,
  RA extends string,
  WA extends string,
  UA extends string,
> = {
  /** Equals the folder below `functions/remediations`: `<service>/<verb-thing>`. */
  readonly id: `${string}/${string}`;
  readonly title: string;
  /** The risk of its riskiest change. */
  readonly risk: Risk;
  readonly handles: HandlesInput;
  readonly target: z.ZodType<T, FindingResource>;
  readonly alias?: Alias<NoInfer<T>, NoInfer<C>>;
  /**
   * Fields of the resources that `targets` returns, if they are not those of the finding's target. `writes` names them.
   */
  readonly found?: z.ZodType<F>;
  readonly params: z.ZodType<P>;
  /** The value of each parameter that the control requires: policy may ask for more, never for less. */
  readonly controlParams?: ControlParameters<P>;
  readonly state: z.ZodType<S>;
  readonly reads: readonly Permission<RA>[];
  readonly writes: readonly Permission<WA>[];
  /** The actions that only a rollback needs, in addition to `writes`. They have an execution role of their own. */
  readonly undoes?: readonly Permission<UA>[];
  readonly clients: C;
  /** The resource is the same in every Region (IAM, an account setting), so it has one lease. */
  readonly global?: true;
  /** For this long after a write, verify reports a change that it cannot see as pending. Default 60. */
  readonly settleSeconds?: number;
  /** Why rollback cannot restore the state before. */
  readonly irreversible?: string;
  /**
   * Default 1. Raise it when `state` changes its form, or `write` its effect: approvals of earlier versions are asked
   * for again, and changes of earlier versions are not rolled back.
   */
  readonly version?: number;
};

export type ResourceTags = Readonly<Record<string, string>>;

/** A type of resource with the properties, or the arguments, that its owner sets; dots lead into nested ones. */
export type DeclaredEdit = {
  readonly type: string;
  /** It is a resource of its own beside the finding's. */
  readonly beside?: true;
  readonly set: readonly { readonly name: string; readonly value: unknown }[];
};

/**
 * A change as the owner of a resource writes it in a template of CloudFormation, and in Terraform; undefined: there is no
 * property or argument for it, so a deployment neither sets nor undoes it. `edits` has the same in parts.
 */
export type DeclaredChange = {
  readonly cloudFormation: string | undefined;
  readonly terraform: string | undefined;
  readonly edits?: {
    readonly cloudFormation?: readonly DeclaredEdit[];
    readonly terraform?: readonly DeclaredEdit[];
  };
};

export type RemediationSteps<S, F, Ctx> = {
  read(context: Ctx): Promise<S | undefined>;
  /** Returns the resources that writes touch, if the finding names only an account. */
  targets?(state: S, context: Ctx): readonly F[];
  /** Returns the wanted state. If it equals the current state, the resource is compliant. */
  want(state: S, context: Ctx): S | Refusal;
  /**
   * Must be idempotent: it may run again after a crash at any call. `targets` are those that `targets` returned. If one
   * session policy cannot name them all, write is called for each part.
   * A refusal says that AWS has no room for the rest of the change; earlier writes stay.
   */
  write(
    context: Ctx & { readonly targets: readonly F[] },
    from: S,
    to: S,
  ): Promise<void> | Promise<Refusal | undefined>;
  /** Returns the risk of this change: at most `risk`. Omit it if all changes have the same. */
  riskOf?(from: S, to: S): Risk;
  /**
   * Returns what this change costs each month, from the resource's own figures where AWS gives them. The plan says it. Runs
   * in the plan session if something is to change. A remediation that costs money is not `safe`, so that a person agrees by
   * default.
   */
  costs?(from: S, to: S, context: Ctx): string | undefined | Promise<string | undefined>;
  /**
   * Returns what this change loses permanently: rollback refuses with this text. If every change loses something, use
   * `irreversible`.
   */
  loses?(from: S, to: S): string | undefined;
  /**
   * Returns a reason against the change that is not part of the state, such as a user of the resource. Runs in the plan
   * session if something is to change; not in a rollback, nor again after the change has begun.
   */
  objection?(context: Ctx): Promise<Refusal | undefined>;
  /** Runs in the plan session if something is to change. Omit it for resources without tags. */
  tags?(context: Ctx): Promise<ResourceTags>;
  summary(from: S, to: S): string;
  /**
   * Returns what people may see of a state, if it has something private. Everything outside the journal sees only that:
   * plans, approvals, the ledger, events, messages and logs. Default: the state itself.
   */
  shown?(state: S): unknown;
  /** Returns the change for people who manage the resource by code. */
  declared?(from: S, to: S, context: Ctx): DeclaredChange;
};

export type Remediation<
  T extends TargetFields = any,
  F extends TargetFields = any,
  P = any,
  S = any,
  C extends ClientClasses = any,
> = Omit<RemediationFacts<T, F, P, S, C, string, string, string>, 'handles'> & {
  readonly handles: Handles;
} & RemediationSteps<S, F, StepContext<T, P, Clients<C>>>;

/** Infers every type (clients, target fields, placeholders) from the facts. */
export function defineRemediation<
  T extends TargetFields,
  P,
  S,
  C extends ClientClasses,
  const RA extends string,
  const WA extends string,
  const UA extends string,
  F extends TargetFields = {},
>(
  facts: RemediationFacts<T, F, P, S, C, RA, WA, UA> & {
    reads: readonly Permission<PlaceholderChecked<RA, keyof T & string>>[];
    writes: readonly Permission<PlaceholderChecked<WA, keyof (T & F) & string>>[];
    undoes?: readonly Permission<PlaceholderChecked<UA, keyof (T & F) & string>>[];
  },
): { by(steps: RemediationSteps<S, F, StepContext<T, P, Clients<C>>>): Remediation<T, F, P, S, C> } {
  const { handles } = facts;
  const handled = 'controls' in handles ? handles : { controls: [], threats: handles };
  return { by: (steps) => ({ ...facts, ...steps, handles: handled }) };
}

/** A response to threats uses the response role, which an organization opts into. */
export const respondsToThreats = ({ handles }: Pick<Remediation, 'handles'>): boolean => handles.threats !== undefined;
