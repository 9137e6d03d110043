/**
 * The shape of a service, and the kernel that its operations run in. They refer to each other, so they share a file.
 * Nothing in this folder imports any other part of the sandbox.
 */

import type { CallRecord, IamDecision } from './call-log.ts';
import type { SandboxClock } from './clock.ts';
import type { ErrorForm, FaultRule } from './fault.ts';
import type { IamPolicy, NamedPolicy } from './iam-policy.ts';
import type { AwsPlace } from './place.ts';
import type { Principal } from './principal.ts';
import type { StateKey } from './state-key.ts';

/** One permission that a call requires. */
export type Need = {
  readonly action: string;
  readonly resource: string;
  /** Service condition keys, for example `{ 'kms:ViaService': 'sqs.us-east-1.amazonaws.com' }`. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
  /** The policy attached to the resource, if any. */
  readonly resourcePolicy?: IamPolicy;
  /** The account that owns the resource, if its ARN does not name one; default: the account in the ARN, else that of the call. */
  readonly owner?: string;
  readonly resourceTags?: Readonly<Record<string, string>>;
};

/** The surroundings of a running operation. `state` is this service's state in this account and Region. */
export type At<S> = AwsPlace & {
  readonly kernel: Kernel;
  readonly principal: Principal;
  readonly requestId: string;
  readonly state: S;
  /** Releases the call's hold on a virtual clock while `wait` runs, for a call that only waits (a long poll). */
  readonly whileWaiting?: <T>(wait: () => Promise<T>) => Promise<T>;
};

/** Calls per second, and how many of them may come at once. */
export type CallQuota = { readonly rate: number; readonly burst: number };

export type ServiceOperation<I, O, S> = {
  /** Permissions that the caller needs; default: `<prefix>:<operation name>` on `*`. May throw (a resource that does not exist). */
  readonly needs?: (input: I, at: At<S>) => readonly Need[];
  /** Runs after every need was allowed. */
  readonly run: (input: I, at: At<S>) => O | Promise<O>;
  /** Documented quota (https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html): a token bucket per account and Region. */
  readonly quota?: CallQuota;
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

/** A change that CloudFormation is about to make; `existing` is the resource before it. */
export type ResourceChange = {
  readonly kind: 'create' | 'update' | 'remove';
  readonly properties: unknown;
  readonly existing?: CreatedResource;
};

/** The place of a resource in its template. */
export type ResourceName = { readonly logicalId: string; readonly stack: string };

/** A CloudFormation resource type that the sandbox models. Properties arrive resolved; unknown ones must be an error. */
export type ResourceType<S> = {
  /** Permissions that the change requires of the deployer; default: none. */
  needs?(change: ResourceChange, at: At<S>): readonly Need[];
  create(properties: any, at: At<S>, resource: ResourceName): CreatedResource | Promise<CreatedResource>;
  /** Changes a resource of a stack that is deployed again. If absent, a change is an error that names the type. */
  update?(
    existing: CreatedResource,
    properties: any,
    at: At<S>,
    resource: ResourceName,
  ): CreatedResource | Promise<CreatedResource>;
  /** Removes a resource that its template no longer has. If absent, that is an error too. */
  remove?(existing: CreatedResource, at: At<S>, resource: ResourceName): void | Promise<void>;
};
/** `ref` answers Ref, `attributes` answers Fn::GetAtt. */
export type CreatedResource = { readonly ref: string; readonly attributes?: Readonly<Record<string, unknown>> };

/** A request to a host on the internet that the sandbox plays. */
export type PublicRequest = { readonly method: string; readonly origin: string; readonly path: string };

export type PublicAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Iterable<string | Uint8Array>;
  /** The end of the response after its body: a regular end, silence until the client gives up, or a broken connection. Default: `end`. */
  readonly ending?: 'end' | 'silence' | 'break';
};

/** Answers for hosts on the internet, by origin: `https://ip-ranges.amazonaws.com`. */
export type PublicHosts = Readonly<Record<string, (kernel: Kernel, request: PublicRequest) => PublicAnswer>>;

export type Service<M = any, S = any> = StateKey<S> & {
  /** The SDK package's namespace (schemas, commands) and its client class. */
  readonly sdk: M;
  readonly client: new (config: any) => any;
  /** IAM prefix: 'ec2', 'states', 's3'. */
  readonly prefix: string;
  readonly operations: ServiceOperations<M, S>;
  readonly resources?: Readonly<Record<string, ResourceType<S>>>;
  /** The error by which it throttles; default: `THROTTLING`. */
  readonly throttling?: ErrorForm;
  /** The error by which it denies; default: `DENIAL`. */
  readonly denial?: ErrorForm;
  /** The error for a caller who may not use the KMS key of a resource; default: as `denial`. */
  readonly keyDenial?: ErrorForm;
  /** Operations that change nothing although their names do not begin with one of `READ_VERBS`. */
  readonly reads?: readonly string[];
  /** Its answers to questions of the kernel and the engines. */
  readonly hooks?: Partial<Hooks>;
  /** Runs once when the sandbox starts: pollers, schedules. */
  readonly start?: (kernel: Kernel) => void;
  /** Runs once when the sandbox closes. */
  readonly stop?: (kernel: Kernel) => Promise<void>;
  /** Hosts on the internet that belong to it, by origin. */
  readonly hosts?: PublicHosts;
};

/** Returns the definition. It gives operations their types from the SDK while a service is written. */
export const defineService = <M, S>(service: Service<M, S>): Service<M, S> => service;

/** Policies of a role or user, as they stand now. */
export type PrincipalPolicies = {
  readonly identity: readonly NamedPolicy[];
  readonly boundary?: NamedPolicy;
  readonly tags: Readonly<Record<string, string>>;
  /** Service control policies do not apply to service-linked roles. */
  readonly isServiceLinked: boolean;
};

/** An open request of a function instance. */
export type InstanceRequest = { readonly instance: string; readonly request: string };

/** Questions of the kernel and the engines to services. A service answers its own ones in `hooks` of its definition. */
export type Hooks = {
  /** Lambda: kills the function instance of this id; returns false if there is none. */
  killInstance(kernel: Kernel, instance: string): boolean;
  /**
   * Lambda: an instance's request waits for virtual time, until the returned function is called. The clock may go on
   * when the instance waits for nothing else and has received `sentBytes` on the request's connection.
   */
  parkRequest(kernel: Kernel, request: InstanceRequest, sentBytes?: number): () => void;
  /** IAM: the policies of a role or user; undefined if it no longer exists (or exists again under another id). */
  principalPolicies(kernel: Kernel, principal: Principal & { kind: 'session' | 'user' }): PrincipalPolicies | undefined;
  /** Organizations: service control policies over an account, level by level from the root down; none if they do not apply. */
  serviceControlPolicies(kernel: Kernel, account: string): readonly (readonly NamedPolicy[])[];
  /** Organizations: the organization's id and the account's path in it (`o-…/r-…/ou-…/`); undefined outside of it. */
  organizationPath(kernel: Kernel, account: string): { readonly id: string; readonly path: string } | undefined;
  /** KMS: permissions on a key that a service requires of its caller. */
  keyNeeds(
    kernel: Kernel,
    place: AwsPlace,
    keyIdOrArn: string,
    actions: readonly string[],
    viaService: string,
    encryptionContext: Readonly<Record<string, string>>,
  ): readonly Need[];
};

export type Kernel = {
  readonly clock: SandboxClock;
  readonly partition: string;
  readonly organizationId: string;
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  readonly calls: CallRecord[];
  readonly decisions: IamDecision[];
  readonly faults: FaultRule[];
  /** Returns a number from 0 to 1. The seeded source of everything random in the sandbox. */
  random(): number;
  /** Returns a new id in AWS's form, `id('sg-', 17)`: hex digits after the prefix. `pinId` sets the next one. */
  id(prefix: string, digits: number): string;
  pinId(prefix: string, id: string): void;
  /** Forgets the pinned ids that are not used yet. */
  unpinIds?(): void;
  /** Returns an RFC 4122 id from the seeded source, or the next one pinned under this name. */
  uuid(pinnedAs?: string): string;
  /** Returns the state of a service in a place, to be read and changed. */
  state<S>(key: StateKey<S>, place: AwsPlace): S;
  /** Makes a call inside the sandbox: IAM decides it, and it is throttled and logged like one over the wire. */
  call<I, O>(principal: Principal, place: AwsPlace, service: string, operation: string, input: I): Promise<O>;
  /** Decides one need; throws the service's access-denied error (AWS's wording) and logs the decision. */
  authorize(principal: Principal, place: AwsPlace, need: Need, service?: string): IamDecision;
  /** Returns a session of a role for a service (Lambda, Step Functions). The role must trust that service. */
  assumeForService(service: string, roleArn: string, sessionName: string, source?: string): Principal;
  /** Returns an access key, secret and token that sign as this principal. */
  credentials(
    principal: Principal,
    seconds?: number,
  ): { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  /** Every service of this sandbox, with its resource types, hosts and hooks. */
  readonly services?: readonly Service[];
  /** Returns an administrator of an account, who deploys its stacks. */
  administrator?(account: string): Principal;
  /** Starts work that outlives the call that started it. Errors are collected and make `settled()` reject: none is swallowed. */
  background(what: string, work: () => Promise<void>): void;
};
