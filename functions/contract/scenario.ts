/** The scenarios of a remediation: faulty resources, created by calls of the SDK, and the expected result of each. */
import type {
  ClientClasses,
  Clients,
  FindingResource,
  Place,
  Remediation,
  ResourceTags,
  TargetFields,
} from './remediation.ts';

/** `name` is free in this place. The target is given if its id is fixed. */
export type ScenarioContext<T> = Place & {
  readonly name: string;
  readonly control: string;
  readonly target: T | undefined;
  /** Waits until AWS has made progress: for resources that take minutes to create or change. */
  pause(seconds: number): Promise<void>;
  /** Runs `work` as if it were `days` ago. Fails in AWS, where nobody can set the clock. */
  ago<R>(days: number, work: () => Promise<R>): Promise<R>;
};

/** Creates a resource as an administrator of the account, and returns its entry in a finding's Resources. */
export type Arrange<C, T> = (clients: C, where: ScenarioContext<T>) => Promise<FindingResource>;

/** Adds a fault to the existing resource that the target names. */
export type AddFault<C, T> = (clients: C, where: ScenarioContext<T> & { readonly target: T }) => Promise<unknown>;

/** Adds tags to the resource that the target names. */
export type AddTags<C, T> = (
  clients: C,
  where: ScenarioContext<T> & { readonly target: T },
  tags: ResourceTags,
) => Promise<unknown>;

/**
 * `path` names members of the target's record in the sandbox, with `*` for any name: `accessKeys.*.active`. Empty: the
 * record itself, which a fix deletes.
 */
export type LastingChange = { readonly path: string; readonly because: string };

export type Scenario<C, T, P> = {
  readonly control?: string;
  readonly params?: Partial<P>;
  readonly arrange?: Arrange<C, T>;
  readonly expected: 'FIXED' | 'COMPLIANT' | 'REFUSED';
  /** The declaration that says so, if a helper adds the scenario. A law that is broken names it. */
  readonly saidBy?: string;
  /** Laws that cannot hold in this scenario, with the reason that the catalogue shows. */
  readonly skips?: readonly { readonly law: string; readonly because: string }[];
  /** State that a rollback does not restore, with the reason that the catalogue shows. */
  readonly lasting?: readonly LastingChange[];
};

export type Scenarios<T extends TargetFields = any, P = any, A extends ClientClasses = any> = {
  readonly remediation: Remediation<T, any, P>;
  readonly clients?: A;
  /** Creates the resource with the fault. */
  readonly faulty: Arrange<Clients<A>, T>;
  /** For a resource of which other findings exist. Without it, the fault comes only with a new resource. */
  readonly fault?: AddFault<Clients<A>, T>;
  /**
   * Controls whose fix needs what this fault takes away, such as a trail that logs. Where a resource has faults of both, this
   * one is added last and fixed first.
   */
  readonly fixedBefore?: readonly string[];
  /** For a remediation that reads tags. `suture simulate` gives the resource those of its finding. */
  readonly tag?: AddTags<Clients<A>, T>;
  readonly scenarios: Readonly<Record<string, Scenario<Clients<A>, T, P>>>;
};

/** `clients` is for arrangements that need other clients than the remediation. */
export const defineScenarios = <
  T extends TargetFields,
  F extends TargetFields,
  P,
  S,
  C extends ClientClasses,
  A extends ClientClasses = C,
>(
  remediation: Remediation<T, F, P, S, C>,
  scenarios: {
    clients?: A;
    faulty: Arrange<Clients<NoInfer<A>>, T>;
    fault?: AddFault<Clients<NoInfer<A>>, T>;
    fixedBefore?: readonly string[];
    tag?: AddTags<Clients<NoInfer<A>>, T>;
    scenarios: Readonly<Record<string, Scenario<Clients<NoInfer<A>>, T, P>>>;
  },
): Scenarios<T, P, A> => ({ remediation, ...scenarios });
