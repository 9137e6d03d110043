/** The cases of a remediation: faulty resources, made by the SDK's own calls, and what must become of each. */
import type { ClientClasses, Clients, FindingResource, Place, Remediation, TargetFields } from './remediation.ts';

/** What an `arrange` is told: where, a name that is free there, the control that fails, and the target when its id is given. */
export type ScenarioContext<T> = Place & {
  readonly name: string;
  readonly control: string;
  readonly target: T | undefined;
  /** Runs `work` as if it were so many days ago, for what must be old. Fails where nobody can set the clock: in AWS itself. */
  ago<R>(days: number, work: () => Promise<R>): Promise<R>;
};

/** Makes a resource as an administrator of the account would, and returns its entry in a finding's Resources. */
export type Arrange<C, T> = (clients: C, where: ScenarioContext<T>) => Promise<FindingResource>;

export type Scenario<C, T, P> = {
  readonly control?: string;
  readonly params?: Partial<P>;
  /** Where it differs from `faulty`. */
  readonly arrange?: Arrange<C, T>;
  readonly expected: 'FIXED' | 'COMPLIANT' | 'REFUSED';
  /** Laws that cannot hold for this case, with the reason that the catalogue shows. */
  readonly skips?: readonly { readonly law: string; readonly because: string }[];
};

export type Scenarios<T extends TargetFields = any, P = any, A extends ClientClasses = any> = {
  readonly remediation: Remediation<T, any, P>;
  readonly clients?: A;
  readonly faulty: Arrange<Clients<A>, T>;
  readonly scenarios: Readonly<Record<string, Scenario<Clients<A>, T, P>>>;
};

/** Keeps the types of cases while they are written; `clients` where making a fault needs others than the remediation has. */
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
    scenarios: Readonly<Record<string, Scenario<Clients<NoInfer<A>>, T, P>>>;
  },
): Scenarios<T, P, A> => ({ remediation, ...scenarios });
