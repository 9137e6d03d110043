/**
 * The shape of a service, and the kernel that its operations run in. They refer to each other, so they share a file.
 * Nothing in this folder imports any other part of the sandbox.
 */

import type { CallRecord, IamDecision } from './call-log.ts';
import type { SandboxClock } from './clock.ts';
import type { RecordPath } from './comparison.ts';
import type { AnswerRule, ErrorForm, FaultRule } from './fault.ts';
import type { IamPolicy, NamedPolicy } from './iam-policy.ts';
import type { AwsPlace } from './place.ts';
import type { Principal } from './principal.ts';
import type { StateKey } from './state-key.ts';

export type Need = {
  readonly action: string;
  readonly resource: string;
  /** For example `{ 'kms:ViaService': 'sqs.us-east-1.amazonaws.com' }`. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
  readonly resourcePolicy?: IamPolicy;
  /** The resource's owner, if its ARN does not name one; default: the account in the ARN, else that of the call. */
  readonly owner?: string;
  readonly resourceTags?: Readonly<Record<string, string>>;
};

/** `state` is this service's state in this account and Region. */
export type At<S> = AwsPlace & {
  readonly kernel: Kernel;
  readonly principal: Principal;
  readonly requestId: string;
  readonly state: S;
  /** Releases the call's hold on a virtual clock while `wait` runs, for a call that only waits (a long poll). */
  readonly whileWaiting?: <T>(wait: () => Promise<T>) => Promise<T>;
};

export type CallQuota = { readonly rate: number; readonly burst: number };

export type ServiceOperation<I, O, S> = {
  /**
   * Permissions that the caller needs; default: `<prefix>:<operation name>` on `*`. May throw, for example if a
   * resource does not exist.
   */
  readonly needs?: (input: I, at: At<S>) => readonly Need[];
  /** Runs after IAM has allowed every need. */
  readonly run: (input: I, at: At<S>) => O | Promise<O>;
  /**
   * A token bucket per account and Region: https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html
   */
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
export type OperationName<M> = Extract<{ [K in keyof M]: K extends `${infer N}Command` ? N : never }[keyof M], string>;
export type ServiceOperations<M, S> = {
  readonly [K in OperationName<M>]?: ServiceOperation<InputOf<M, K>, OutputOf<M, K>, S>;
};

export type ResourceChange = {
  readonly kind: 'create' | 'update' | 'remove';
  readonly properties: unknown;
  readonly existing?: CreatedResource;
};

export type ResourceName = { readonly logicalId: string; readonly stack: string };

/** Properties arrive resolved; unknown ones must be an error. */
export type ResourceType<S> = {
  /** Permissions that the change requires of the deployer; default: none. */
  needs?(change: ResourceChange, at: At<S>): readonly Need[];
  create(properties: any, at: At<S>, resource: ResourceName): CreatedResource | Promise<CreatedResource>;
  /** Returns the existing resource with this identifier, which a stack then takes over. If absent, none can be imported. */
  adopt?(identifier: Readonly<Record<string, string>>, at: At<S>): CreatedResource | undefined;
  /** If absent, a change of the resource is an error that names the type. */
  update?(
    existing: CreatedResource,
    properties: any,
    at: At<S>,
    resource: ResourceName,
  ): CreatedResource | Promise<CreatedResource>;
  /** If absent, removing the resource is an error too. `properties` are those that created the resource. */
  remove?(existing: CreatedResource, at: At<S>, resource: ResourceName, properties: any): void | Promise<void>;
};
/** `ref` answers Ref, `attributes` answers Fn::GetAtt. */
export type CreatedResource = { readonly ref: string; readonly attributes?: Readonly<Record<string, unknown>> };

export type PublicRequest = { readonly method: string; readonly origin: string; readonly path: string };

export type PublicAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Iterable<string | Uint8Array>;
  /** After the body: a regular end, silence until the client gives up, or a broken connection. Default: `end`. */
  readonly ending?: 'end' | 'silence' | 'break';
};

export type PublicHosts = Readonly<Record<string, (kernel: Kernel, request: PublicRequest) => PublicAnswer>>;

export type Consequence = { readonly state: StateKey; readonly place: AwsPlace; readonly path: RecordPath };

/**
 * How CloudTrail records a service's calls, where that does not follow from their names.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
 */
export type TrailFacts = {
  /** `eventSource` before `.amazonaws.com`; default: the IAM prefix. */
  readonly source?: string;
  /** Operations of which it records data events alone, or nothing. */
  readonly unrecorded?: readonly string[];
  /** Names of events, by the operation. */
  readonly names?: Readonly<Record<string, string>>;
  /** Operations that are `readOnly` although they are not reads by `isReadOperation`. */
  readonly reads?: readonly string[];
  /** The account that owns a resource also gets the events about it. */
  readonly tellsOwners?: boolean;
  /** Before an error's code, as in `Client.UnauthorizedOperation`. */
  readonly errorPrefix?: string;
};

export type Service<M = any, S = any> = StateKey<S> & {
  readonly sdk: M;
  readonly client: new (config: any) => any;
  /** Names of the classes of further SDK clients that call the same API. */
  readonly otherClients?: readonly string[];
  readonly prefix: string;
  readonly operations: ServiceOperations<M, S>;
  readonly resources?: Readonly<Record<string, ResourceType<S>>>;
  /**
   * For a service with one endpoint in each partition: its Region there, which is the `aws:RequestedRegion` of every
   * call. Default: the Region of the call.
   */
  readonly globalRegions?: Readonly<Record<string, string>>;
  readonly throttling?: ErrorForm;
  readonly denial?: ErrorForm;
  /** For a caller who may not use a resource's KMS key; default: `denial`. */
  readonly keyDenial?: ErrorForm;
  /** Operations that change nothing although their names do not begin with one of `READ_VERBS`. */
  readonly reads?: readonly string[];
  /** By operation: members that would have no effect, and are refused by name. */
  readonly refuses?: Readonly<Record<string, readonly string[]>>;
  /** Returns the state when AWS has finished the changes that take time. Default: the state itself. */
  readonly settled?: (state: S) => S;
  /**
   * Returns the state as it is compared: a resource's records by names that stay, and values that AWS generates marked
   * by `generated`. It is the one place where they are marked. Default: the state itself.
   */
  readonly comparable?: (state: S) => unknown;
  /**
   * Returns the paths in `comparable(state)` of the records of a resource, by its ARN; for `*`, those of the settings
   * of the account at `place`. Empty if the service has no resource of this ARN's type.
   */
  readonly locate?: (resource: string, state: S, place: AwsPlace) => readonly RecordPath[];
  readonly trail?: TrailFacts;
  /** States of other services that its operations change. */
  readonly alsoWrites?: readonly StateKey[];
  /** Returns records outside of the resource that AWS changes by itself when the resource is changed. */
  readonly consequences?: (resource: string, state: S, place: AwsPlace) => readonly Consequence[];
  readonly hooks?: Partial<Hooks>;
  /** Runs at the sandbox's start: pollers, schedules. */
  readonly start?: (kernel: Kernel) => void;
  readonly stop?: (kernel: Kernel) => Promise<void>;
  /** Internet hosts of the service, by origin: `https://ip-ranges.amazonaws.com`. */
  readonly hosts?: PublicHosts;
};

/** Infers the types of operations from the SDK. */
export const defineService = <M, S>(service: Service<M, S>): Service<M, S> => service;

export type PrincipalPolicies = {
  readonly identity: readonly NamedPolicy[];
  readonly boundary?: NamedPolicy;
  readonly tags: Readonly<Record<string, string>>;
  /** Service control policies do not apply to service-linked roles. */
  readonly isServiceLinked: boolean;
};

export type InstanceRequest = { readonly instance: string; readonly request: string };

/**
 * Questions of the kernel and the engines to services. A service registers its answers in `hooks` of its definition.
 */
export type Hooks = {
  /** Lambda: returns false if the instance does not exist. */
  killInstance(kernel: Kernel, instance: string): boolean;
  /**
   * Lambda: an instance's request waits for virtual time until the returned function is called. The clock may continue
   * when the instance waits for nothing else and has received `sentBytes` on the request's connection.
   */
  parkRequest(kernel: Kernel, request: InstanceRequest, sentBytes?: number): () => void;
  /** IAM: returns undefined if the role or user no longer exists (or exists again under another id). */
  principalPolicies(kernel: Kernel, principal: Principal & { kind: 'session' | 'user' }): PrincipalPolicies | undefined;
  /** Organizations: from the root down; empty if they do not apply. */
  serviceControlPolicies(kernel: Kernel, account: string): readonly (readonly NamedPolicy[])[];
  /** Organizations: the account's path in it is `o-…/r-…/ou-…/`. */
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
  readonly endpoint: string;
  readonly calls: CallRecord[];
  readonly decisions: IamDecision[];
  readonly faults: FaultRule[];
  /** Each changes the answers of calls over the wire, in order. */
  readonly answers: AnswerRule[];
  /** Returns a number from 0 to 1, from the sandbox's seed. */
  random(): number;
  /** `id('sg-', 17)` returns the prefix and hex digits, or the next one pinned under this name, by default the prefix. */
  id(prefix: string, digits: number, pinnedAs?: string): string;
  pinId(prefix: string, id: string): void;
  unpinIds?(): void;
  /** Returns an RFC 4122 id from the seed, or the next one pinned under this name. */
  uuid(pinnedAs?: string): string;
  state<S>(key: StateKey<S>, place: AwsPlace): S;
  /** Makes a call inside the sandbox, with IAM, throttling and logging as over the wire. */
  call<I, O>(principal: Principal, place: AwsPlace, service: string, operation: string, input: I): Promise<O>;
  /** Logs the decision, and throws the service's access-denied error in AWS's words. */
  authorize(principal: Principal, place: AwsPlace, need: Need, service?: string): IamDecision;
  /** Returns a session of a role for a service (Lambda, Step Functions). The role must trust that service. */
  assumeForService(service: string, roleArn: string, sessionName: string, source?: string): Principal;
  credentials(
    principal: Principal,
    seconds?: number,
  ): { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  readonly services?: readonly Service[];
  /** Returns the principal that deploys the account's stacks. */
  administrator?(account: string): Principal;
  /** Starts work that outlives the call that started it. Its errors make `settled()` reject. */
  background(what: string, work: () => Promise<void>): void;
};
