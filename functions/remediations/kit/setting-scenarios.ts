/** The scenarios that every setting has, from its values that fail and pass the control. */
import type * as z from 'zod';
import type { ClientClasses, Clients, Remediation, TargetFields } from '../../contract/remediation.ts';
import type { Scenario, Scenarios } from '../../contract/scenario.ts';
import { checkNames, checkPresent } from './declared-names.ts';
import {
  addValues,
  arrangeResource,
  arrangeSituation,
  type ResourceFixture,
  type WantedResource,
} from './resource-fixture.ts';
import type { AttributeValues } from './resource-type.ts';

type SettingSamples<T extends TargetFields, P, S, A extends ClientClasses> = {
  /** Values that fail the control. */
  readonly wrong: S;
  /** Values that pass it. */
  readonly right: S;
  /** Values that exceed what it requires. */
  readonly stricter?: S;
  /** Values that fail by as little as AWS allows. Default: numbers are one short of those that pass. */
  readonly almost?: S;
  /** Values of which some pass and some fail. */
  readonly half?: S;
  /** Further values that fail, by the name of their scenario. They may fail only for a policy with these parameters. */
  readonly alsoWrong?: Readonly<Record<string, { readonly values: S; readonly params?: Partial<P> }>>;
  /** The end for a resource with a change of its owner pending. Default FIXED: the change leaves that pending. */
  readonly whilePending?: 'FIXED' | 'REFUSED';
  /** Other kinds of the resource with the values that fail, by the name of their scenario. */
  readonly kinds?: Readonly<Record<string, Kind<T, S, A>>>;
  readonly more?: Readonly<Record<string, Scenario<Clients<A>, T, P>>>;
};

type Kind<T extends TargetFields, S, A extends ClientClasses> = {
  readonly of: ResourceFixture<T, AttributeValues & S, A>;
  /** Default: the first control of the setting. */
  readonly control?: string;
};

const TERRAFORM_TAGS = { ManagedBy: 'terraform' };

/**
 * Returns the scenarios of a setting.
 * @throws WrongNameError for a member, or a value of an attribute, that does not exist or is missing
 */
export function settingScenarios<
  T extends TargetFields,
  P,
  S extends object,
  V extends AttributeValues,
  A extends ClientClasses,
>(
  remediation: Remediation<T, any, P, S>,
  fixture: ResourceFixture<T, V & S, A>,
  samples: SettingSamples<T, P, NoInfer<S>, A>,
): Scenarios<T, P, A> {
  checkSamples(remediation, samples);
  const { wrong, right, stricter, almost = oneShort(wrong, right), half } = samples;
  const { alsoWrong = {}, whilePending = 'FIXED', kinds = {}, more } = samples;
  const arrange = (wanted: WantedResource<V & S>) => arrangeResource(fixture, wanted);
  const wantsMore = stricterParams(remediation, right, stricter);
  const scenarios: Record<string, Scenario<Clients<A>, T, P> | undefined> = {
    'it is set otherwise': { expected: 'FIXED' },
    'it is set otherwise, and Terraform manages it': fixture.type.tags && {
      arrange: arrange({ values: wrong, tags: TERRAFORM_TAGS }),
      expected: 'FIXED',
    },
    'it is right already': {
      arrange: arrange({ values: right }),
      ...{ expected: 'COMPLIANT', saidBy: saidBySample('right') },
    },
    'it is stricter already': stricter && {
      arrange: arrange({ values: stricter }),
      ...{ expected: 'COMPLIANT', saidBy: saidBySample('stricter') },
    },
    'it is almost enough': almost && {
      arrange: arrange({ values: almost }),
      ...{ expected: 'FIXED', saidBy: `${saidBySample('almost')}; without it, numbers are one short of \`right\`` },
    },
    'policy asks for more': wantsMore && {
      ...{ params: wantsMore, arrange: arrange({ values: right }) },
      ...{ expected: 'FIXED', saidBy: saidBySample('stricter') },
    },
    'half of it is right': half && {
      arrange: arrange({ values: half }),
      ...{ expected: 'FIXED', saidBy: saidBySample('half') },
    },
    'AWS takes no change at the moment': fixture.busy && {
      arrange: arrange({ values: wrong, state: 'busy' }),
      expected: 'FIXED',
      saidBy: "the fixture's `busy`: the resource type says by `busy` or `busyErrors` that it is tried again",
    },
    'AWS takes no change': fixture.stuck && {
      arrange: arrange({ values: wrong, state: 'stuck' }),
      expected: 'REFUSED',
      saidBy: "the fixture's `stuck`: the resource type says by `obstacle` why it is refused",
    },
    'a change of its owner is pending': fixture.pending && {
      arrange: arrange({ values: wrong, state: 'pending' }),
      expected: whilePending,
      saidBy: saidByPending(whilePending),
    },
    'its finding names it by its alias': fixture.aliasOf && {
      arrange: arrange({ values: wrong, named: 'by its alias' }),
      expected: 'FIXED',
    },
    'it is gone': { arrange: arrange({ state: 'gone' }), expected: 'COMPLIANT' },
    ...situationScenarios(fixture, wrong, right),
    ...kindScenarios(kinds, wrong),
    ...more,
  };
  for (const [name, { values, params }] of Object.entries(alsoWrong))
    scenarios[name] = {
      ...{ params, arrange: arrange({ values }) },
      ...{ expected: 'FIXED', saidBy: saidBySample('alsoWrong') },
    };
  return {
    remediation,
    clients: fixture.clients,
    faulty: arrange({ values: wrong }),
    fault: addValues(fixture, wrong as Partial<V & S>),
    tag: fixture.tag,
    scenarios: present(scenarios),
  };
}

const saidBySample = (member: string): string => `\`${member}\` in settingScenarios({ … })`;

const saidByPending = (expected: 'FIXED' | 'REFUSED'): string =>
  expected === 'FIXED'
    ? "the fixture's `pending`. If AWS would apply the owner's change together with this one, so that `pending` of the resource type refuses it, say whilePending: 'REFUSED' in settingScenarios({ … })"
    : "whilePending: 'REFUSED' in settingScenarios({ … }): `pending` of the resource type then returns the owner's changes. If this change leaves them alone, delete it";

const SAMPLES = ['wrong', 'right', 'stricter', 'almost', 'half'] as const;
const OTHER_MEMBERS = ['alsoWrong', 'whilePending', 'kinds', 'more'] as const;

function checkSamples<S>({ id, state }: Remediation, samples: SettingSamples<any, any, S, any>): void {
  const part = `the scenarios of ${id}`;
  checkNames(part, 'a member of settingScenarios', Object.keys(samples), [...SAMPLES, ...OTHER_MEMBERS]);
  checkPresent(part, 'their member', Object.keys(samples), ['wrong', 'right']);
  const attributes = Object.keys((state as z.ZodObject).shape);
  const values = [
    ...SAMPLES.flatMap((name) => (samples[name] ? [[name, samples[name]] as const] : [])),
    ...Object.entries(samples.alsoWrong ?? {}).map(([name, also]) => [`alsoWrong["${name}"]`, also.values] as const),
  ];
  for (const [name, sample] of values) {
    const keys = Object.keys(sample as object);
    checkNames(`${name} of ${part}`, 'an attribute that the setting wants', keys, attributes);
    checkPresent(`${name} of ${part}`, 'the value of', keys, attributes);
  }
}

const present = <T>(scenarios: Readonly<Record<string, T | undefined>>): Record<string, T> =>
  Object.fromEntries(Object.entries(scenarios).filter((entry): entry is [string, T] => entry[1] !== undefined));

/** `more` of a setting may replace them by their names. */
const situationScenarios = <T extends TargetFields, V extends AttributeValues, A extends ClientClasses>(
  fixture: ResourceFixture<T, V, A>,
  wrong: Partial<V>,
  right: Partial<V>,
): Record<string, Scenario<Clients<A>, T, never>> =>
  Object.fromEntries(
    Object.entries(fixture.situations ?? {}).map(([name, { expected, ...situation }]) => {
      const values = situation.values === 'right' ? right : wrong;
      const saidBy = "`expected` among the fixture's `situations`";
      return [name, { arrange: arrangeSituation(fixture, { expected, ...situation }, values), expected, saidBy }];
    }),
  );

const kindScenarios = <T extends TargetFields, S, A extends ClientClasses>(
  kinds: Readonly<Record<string, Kind<T, S, A>>>,
  wrong: S,
): Record<string, Scenario<Clients<A>, T, never>> =>
  Object.fromEntries(
    Object.entries(kinds).map(([name, { of, control }]) => [
      name,
      { control, arrange: arrangeResource(of, { values: wrong as never }), expected: 'FIXED' as const },
    ]),
  );

/**
 * Returns values that are one short of those that pass; undefined if the failing ones already are, or none is a number.
 */
function oneShort<S extends object>(wrong: S, right: S): S | undefined {
  const short = Object.entries(right).map(([name, value]) => {
    const failing = wrong[name as keyof S];
    const isShort = typeof value === 'number' && typeof failing === 'number' && Math.abs(value - failing) > 1;
    return [name, isShort ? value + Math.sign(failing - value) : value] as const;
  });
  return short.some(([name, value]) => value !== right[name as keyof S]) ? (Object.fromEntries(short) as S) : undefined;
}

/**
 * Returns the parameter that asks for the stricter of two numbers. undefined if the setting has several parameters or
 * attributes, or its parameter does not take the number.
 */
function stricterParams<P, S extends object>(
  { controlParams = {}, params }: Pick<Remediation<any, any, P, S>, 'controlParams' | 'params'>,
  right: S,
  stricter: S | undefined,
): Partial<P> | undefined {
  const [name, ...others] = Object.keys(controlParams);
  const [[enough, more] = [], ...further] = Object.entries(right).map(([key, value]) => [
    value,
    stricter?.[key as keyof S],
  ]);
  if (name === undefined || others.length > 0 || further.length > 0) return undefined;
  if (typeof enough !== 'number' || typeof more !== 'number' || enough === more) return undefined;
  const stricterParam = { [name]: more } as Partial<P>;
  return params.safeParse(stricterParam).success ? stricterParam : undefined;
}
