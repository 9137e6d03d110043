/** The scenarios that every setting has, from its values that fail and pass the control. */
import type { ClientClasses, Clients, Remediation, TargetFields } from '../../contract/remediation.ts';
import type { Scenario, Scenarios } from '../../contract/scenario.ts';
import { addValues, arrangeResource, type ResourceFixture, type WantedResource } from './resource-fixture.ts';
import type { AttributeValues } from './resource-type.ts';

type SettingSamples<T, P, S, A extends ClientClasses> = {
  /** Fail the control. */
  readonly wrong: S;
  /** Pass it. */
  readonly right: S;
  /** Pass it by more than it requires. */
  readonly stricter?: S;
  /** Some pass, some fail. */
  readonly half?: S;
  /** The end for a resource with a change of its owner pending. Default FIXED: the change leaves that pending. */
  readonly whilePending?: 'FIXED' | 'REFUSED';
  readonly more?: Readonly<Record<string, Scenario<Clients<A>, T, P>>>;
};

const TERRAFORM_TAGS = { ManagedBy: 'terraform' };

export function settingScenarios<
  T extends TargetFields,
  P,
  S extends object,
  V extends AttributeValues,
  A extends ClientClasses,
>(
  remediation: Remediation<T, any, P, S>,
  fixture: ResourceFixture<T, V & S, A>,
  { wrong, right, stricter, half, whilePending = 'FIXED', more }: SettingSamples<T, P, NoInfer<S>, A>,
): Scenarios<T, P, A> {
  const arrange = (wanted: WantedResource<V & S>) => arrangeResource(fixture, wanted);
  const faulty = arrange({ values: wrong });
  const scenarios: Record<string, Scenario<Clients<A>, T, P> | undefined> = {
    'it is set otherwise': { expected: 'FIXED' },
    'it is set otherwise, and Terraform manages it': fixture.type.tags && {
      arrange: arrange({ values: wrong, tags: TERRAFORM_TAGS }),
      expected: 'FIXED',
    },
    'it is right already': { arrange: arrange({ values: right }), expected: 'COMPLIANT' },
    'it is stricter already': stricter && { arrange: arrange({ values: stricter }), expected: 'COMPLIANT' },
    'half of it is right': half && { arrange: arrange({ values: half }), expected: 'FIXED' },
    'AWS takes no change at the moment': fixture.busy && {
      arrange: arrange({ values: wrong, state: 'busy' }),
      expected: 'FIXED',
    },
    'AWS takes no change': fixture.stuck && {
      arrange: arrange({ values: wrong, state: 'stuck' }),
      expected: 'REFUSED',
    },
    'a change of its owner is pending': fixture.pending && {
      arrange: arrange({ values: wrong, state: 'pending' }),
      expected: whilePending,
    },
    'it is gone': { arrange: arrange({ state: 'gone' }), expected: 'COMPLIANT' },
    ...more,
  };
  const named = Object.entries(scenarios).filter((entry): entry is [string, Scenario<Clients<A>, T, P>] => !!entry[1]);
  return {
    remediation,
    clients: fixture.clients,
    faulty,
    fault: addValues(fixture, wrong as Partial<V & S>),
    tag: fixture.tag,
    scenarios: Object.fromEntries(named),
  };
}
