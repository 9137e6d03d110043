/**
 * What every part of the sandbox agrees on: places, principals, errors, and the shape of a service.
 * No part of the sandbox imports anything of Suture's stacks or functions.
 */

import type { IamPolicy } from '../authorization/policy.ts';
import type { Clock } from './clock.ts';
import type { PublicHosts } from './public-hosts.ts';

export type AwsPlace = { readonly partition: string; readonly account: string; readonly region: string };

/** An error as AWS would answer it: `code` is what SDK clients see as `error.name`. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  /** Further modelled members of the error shape, for example `CancellationReasons`. */
  readonly fields: Readonly<Record<string, unknown>>;
  constructor(code: string, message: string, status = 400, fields: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
    this.fields = fields;
  }
}

/** Who makes a call. Policies are looked up at the moment of each decision, never copied into the principal. */
export type Principal =
  | {
      readonly kind: 'session';
      readonly arn: string;
      readonly account: string;
      readonly role: string;
      readonly userId: string;
      readonly sourceIdentity?: string;
      readonly sessionTags: Readonly<Record<string, string>>;
      readonly sessionPolicy?: IamPolicy;
      readonly transitiveTags?: readonly string[];
      readonly mfaAt?: number;
      readonly issuedAt: number;
    }
  | {
      readonly kind: 'user';
      readonly arn: string;
      readonly account: string;
      readonly user: string;
      readonly userId: string;
      readonly mfaAt?: number;
    }
  | { readonly kind: 'root'; readonly arn: string; readonly account: string }
  /** An AWS service that acts by itself; `source` and `sourceAccount` become aws:SourceArn and aws:SourceAccount. */
  | { readonly kind: 'service'; readonly service: string; readonly account: string; readonly source?: string };

/** One thing that a call needs to be allowed. */
export type Need = {
  readonly action: string;
  readonly resource: string;
  /** Service condition keys, for example `{ 'kms:ViaService': 'sqs.us-east-1.amazonaws.com' }`. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
  /** The policy attached to the resource, where it has one. */
  readonly resourcePolicy?: IamPolicy;
  /** Account that owns the resource, where the ARN does not say; default: the account in the ARN, else that of the call. */
  readonly owner?: string;
  readonly resourceTags?: Readonly<Record<string, string>>;
};

/** What a running operation sees. `state` is this service's state in this account and Region. */
export type At<S> = AwsPlace & {
  readonly kernel: Kernel;
  readonly principal: Principal;
  readonly requestId: string;
  readonly state: S;
  /** Lets a virtual clock go on while this call does nothing but wait (a long poll): it lets go of the call's hold meanwhile. */
  readonly whileWaiting?: <T>(wait: () => Promise<T>) => Promise<T>;
};

export type ServiceOperation<I, O, S> = {
  /** What the caller must be allowed to do; default: `<prefix>:<operation name>` on `*`. May throw (a resource that does not exist). */
  readonly needs?: (input: I, at: At<S>) => readonly Need[];
  /** Runs after every need was allowed. */
  readonly run: (input: I, at: At<S>) => O | Promise<O>;
  /** Documented rate (calls a second) and burst, a token bucket per account and Region. */
  readonly quota?: { readonly rate: number; readonly burst: number; readonly error: string };
};

type CommandClass<M, K extends string> = `${K}Command` extends keyof M ? M[`${K}Command`] : never;
export type InputOf<M, K extends string> =
  CommandClass<M, K> extends new (...args: any[]) => { readonly input: infer I } ? I : never;
export type OutputOf<M, K extends string> =
  CommandClass<M, K> extends new (
    ...args: any[]
  ) => { resolveMiddleware(...args: any[]): (...args: any[]) => Promise<{ output: infer O }> }
    ? Omit<O, '$metadata'>
    : never;
type OperationName<M> = Extract<{ [K in keyof M]: K extends `${infer N}Command` ? N : never }[keyof M], string>;
export type ServiceOperations<M, S> = {
  readonly [K in OperationName<M>]?: ServiceOperation<InputOf<M, K>, OutputOf<M, K>, S>;
};

/** What CloudFormation is about to do with a resource; `made` is what it did before. */
export type ResourceChange = {
  readonly kind: 'create' | 'update' | 'remove';
  readonly properties: unknown;
  readonly made?: CreatedResource;
};

/** A CloudFormation resource type that the sandbox can make. Properties arrive resolved; unknown ones must be an error. */
export type ResourceType<S> = {
  /** What the deployer must be allowed for the change, where who deploys matters; default: nothing is asked. */
  needs?(change: ResourceChange, at: At<S>): readonly Need[];
  create(
    properties: any,
    at: At<S>,
    resource: { readonly logicalId: string; readonly stack: string },
  ): CreatedResource | Promise<CreatedResource>;
  /** A changed resource of a stack that is deployed again. Without it, a change is an error that names the type. */
  update?(
    made: CreatedResource,
    properties: any,
    at: At<S>,
    resource: { readonly logicalId: string; readonly stack: string },
  ): CreatedResource | Promise<CreatedResource>;
  /** A resource that its stack no longer has. Without it, that is an error too. */
  remove?(
    made: CreatedResource,
    at: At<S>,
    resource: { readonly logicalId: string; readonly stack: string },
  ): void | Promise<void>;
};
/** `ref` answers Ref, `attributes` answers Fn::GetAtt. */
export type CreatedResource = { readonly ref: string; readonly attributes?: Readonly<Record<string, unknown>> };

export type Service<M = any, S = any> = {
  /** The sandbox's name for it, in state and call log: 'ec2', 'sfn', 's3control'. */
  readonly name: string;
  /** The SDK package's namespace (schemas, commands) and its client class. */
  readonly sdk: M;
  readonly client: new (config: any) => any;
  /** IAM prefix: 'ec2', 'states', 's3'. */
  readonly prefix: string;
  /** 'region': state per account and Region; 'account': one per account (IAM); 'partition': one for all (S3 buckets, organizations). */
  readonly scope: 'region' | 'account' | 'partition';
  readonly state: (place: AwsPlace) => S;
  readonly operations: ServiceOperations<M, S>;
  readonly resources?: Readonly<Record<string, ResourceType<S>>>;
  /** Runs once when the sandbox starts: pollers, schedules. */
  readonly start?: (kernel: Kernel) => void;
  /** Hosts on the internet that belong to it, by origin. */
  readonly hosts?: PublicHosts;
};

/** Keeps the types of operations while a service is written. */
export const defineService = <M, S>(service: Service<M, S>): Service<M, S> => service;

/** One call, as the log keeps it. */
export type CallRecord = {
  readonly at: number;
  readonly account: string;
  readonly region: string;
  readonly service: string;
  readonly operation: string;
  readonly principal: string;
  readonly role?: string;
  readonly sourceIdentity?: string;
  /** The function instance that makes it. Lambda's own calls, in a function's name, have none. */
  readonly instance?: string;
  readonly decisions: readonly IamDecision[];
  /** null while it runs or when it succeeded, else the error's code. */
  error: string | null;
};

export type IamDecision = {
  readonly action: string;
  readonly resource: string;
  readonly principal: string;
  readonly role?: string;
  readonly account: string;
  readonly region: string;
  readonly decision: 'Allow' | 'Deny';
  /** The statements that decided: `<policy name>#<statement index or Sid>`. */
  readonly by: readonly string[];
};

/** What a seeded fault does to a call. 'cutBefore' and 'cutAfter' drop the connection without answer before or after it took effect. */
export type Fault =
  | {
      readonly kind: 'error';
      readonly code: string;
      readonly status?: number;
      readonly message?: string;
      /** Further modelled members of the error's shape. */
      readonly fields?: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'cutBefore' | 'cutAfter' }
  | { readonly kind: 'stale' }
  /** The call takes effect, and its answer comes so many seconds late. */
  | { readonly kind: 'late'; readonly seconds: number }
  /** Kills the Lambda function instance that makes the call, before or after the call took effect. */
  | { readonly kind: 'killBefore' | 'killAfter' };

export type FaultRule = (call: {
  readonly service: string;
  readonly operation: string;
  readonly place: AwsPlace;
  readonly principal: Principal;
  readonly input: any;
  /** As in the call's record. */
  readonly instance?: string;
}) => Fault | undefined;

export type Kernel = {
  readonly clock: Clock;
  readonly partition: string;
  readonly organizationId: string;
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  readonly calls: CallRecord[];
  readonly decisions: IamDecision[];
  readonly faults: FaultRule[];
  /** The seed of everything random in the sandbox. */
  random(): number;
  /** A new id as AWS makes them, `id('sg-', 17)`: hex digits after the prefix; the next one can be pinned with `pinId`. */
  id(prefix: string, digits: number): string;
  pinId(prefix: string, id: string): void;
  /** Forgets the pinned ids that nothing has taken. */
  unpinIds?(): void;
  /** An RFC 4122 id from the seeded source, or the next one pinned under this name. */
  uuid(pinnedAs?: string): string;
  state<S>(service: Service<any, S>, place: AwsPlace): S;
  /** A call made inside the sandbox: decided by IAM, throttled and logged like one over the wire. */
  call<I, O>(principal: Principal, place: AwsPlace, service: string, operation: string, input: I): Promise<O>;
  /** Decides one need; throws the service's access-denied error (AWS's wording) and logs the decision. */
  authorize(principal: Principal, place: AwsPlace, need: Need, service?: string): IamDecision;
  /** Makes credentials for a role as a service would (Lambda, Step Functions), checking the role's trust for that service. */
  assumeForService(service: string, roleArn: string, sessionName: string, source?: string): Principal;
  /** Access key, secret and token that sign as this principal. */
  credentials(
    principal: Principal,
    seconds?: number,
  ): { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  /** Every service of this sandbox: CloudFormation finds the resource types in them. */
  readonly services?: readonly Service[];
  /** An administrator of an account, as whom its stacks are deployed. */
  administrator?(account: string): Principal;
  /** Work that outlives the call that started it. Errors are collected and make `settled()` reject: nothing is swallowed. */
  background(what: string, work: () => Promise<void>): void;
};
