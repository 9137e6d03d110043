/** The cases of a remediation: faulty resources, made by the SDK's own calls, and what must become of each. */
import type { ClientClasses, Clients, Fields, Place, Remediation, Resource } from './remediation.ts';

/** What an `arrange` is told: where, a name that is free there, the control that fails, and the target when its id is given. */
export type Where<T> = Place & {
  readonly name: string;
  readonly control: string;
  readonly target: T | undefined;
  /** Runs `work` as if it were so many days ago, for what must be old. Fails where nobody can set the clock: in AWS itself. */
  ago<R>(days: number, work: () => Promise<R>): Promise<R>;
};

/** Makes a resource as an administrator of the account would, and returns its entry in a finding's Resources. */
export type Arrange<C, T> = (clients: C, where: Where<T>) => Promise<Resource>;

export type Case<C, T, P> = {
  readonly control?: string;
  readonly params?: Partial<P>;
  /** Where it differs from `faulty`. */
  readonly arrange?: Arrange<C, T>;
  readonly then: 'FIXED' | 'COMPLIANT' | 'REFUSED';
  /** Laws that cannot hold for this case, with the reason that the catalogue shows. */
  readonly skips?: readonly { readonly law: string; readonly because: string }[];
};

export type Cases<T extends Fields = any, P = any, A extends ClientClasses = any> = {
  readonly of: Remediation<T, any, P>;
  readonly clients?: A;
  readonly faulty: Arrange<Clients<A>, T>;
  readonly cases: Readonly<Record<string, Case<Clients<A>, T, P>>>;
};

/** Keeps the types of cases while they are written; `clients` where making a fault needs others than the remediation has. */
export const defineCases = <
  T extends Fields,
  F extends Fields,
  P,
  S,
  C extends ClientClasses,
  A extends ClientClasses = C,
>(
  of: Remediation<T, F, P, S, C>,
  cases: {
    clients?: A;
    faulty: Arrange<Clients<NoInfer<A>>, T>;
    cases: Readonly<Record<string, Case<Clients<NoInfer<A>>, T, P>>>;
  },
): Cases<T, P, A> => ({ of, ...cases });
