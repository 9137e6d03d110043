/** Creates resources of a type for scenarios, as an administrator of the account. */
import {
  type ClientClasses,
  type Clients,
  type FindingResource,
  identityOfTarget,
  type Place,
  type ResourceTags,
  type TargetFields,
  targetArn,
} from '../../contract/remediation.ts';
import type { AddFault, AddTags, Arrange, Scenario, ScenarioContext } from '../../contract/scenario.ts';
import type { AttributeValues, ResourceDeclaration } from './resource-type.ts';

export type FixtureContext<T> = ScenarioContext<T> & { readonly target: T };
type FixtureStep<T, A extends ClientClasses> = (clients: Clients<A>, context: FixtureContext<T>) => Promise<unknown>;

/** A situation that settings of the resource find, such as another owner. Every setting of the type gets its scenario. */
export type Situation<T extends TargetFields, V extends AttributeValues, A extends ClientClasses> = {
  readonly expected: Scenario<Clients<A>, T, never>['expected'];
  /** Which of the setting's values the resource has. Default: those that fail. */
  readonly values?: 'right';
  /** Its name, if that says whose it is. */
  readonly named?: (context: ScenarioContext<T>) => string;
  /** Creates the whole resource, instead of the fixture. */
  create?(clients: Clients<NoInfer<A>>, context: FixtureContext<T>, values: Partial<V>, tags: ResourceTags): Promise<T>;
  /** Brings the resource into the situation after its creation. */
  readonly after?: FixtureStep<T, NoInfer<A>>;
};

export type ResourceFixture<T extends TargetFields, V extends AttributeValues, A extends ClientClasses> = {
  readonly type: ResourceDeclaration<T, any, V, any>;
  /** Default: those of the type. */
  readonly clients?: A;
  /** Default: the context's name, which is unique in the place alone. */
  readonly uniqueName?: (context: ScenarioContext<T>) => string;
  /** A target that does not exist. Needed if AWS chooses the ids, or if the target has several fields. */
  readonly absent?: T | ((place: Place) => T);
  /**
   * Creates the resource that `target` names, with as many of the values as creation takes: the others are set
   * afterwards. Returns its target, of which AWS may choose a part.
   */
  create(clients: Clients<NoInfer<A>>, context: FixtureContext<T>, values: Partial<V>, tags: ResourceTags): Promise<T>;
  /** Returns the alias of a resource, if its type has one. */
  aliasOf?(clients: Clients<NoInfer<A>>, context: FixtureContext<T>): Promise<TargetFields>;
  /** Adds tags to a resource that exists, if its type has them. */
  readonly tag?: AddTags<Clients<NoInfer<A>>, T>;
  /** Brings it into a state in which AWS takes no change at the moment. */
  readonly busy?: FixtureStep<T, NoInfer<A>>;
  /** Brings it into a state in which AWS takes no change. */
  readonly stuck?: FixtureStep<T, NoInfer<A>>;
  /** Leaves a change of its owner pending. */
  readonly pending?: FixtureStep<T, NoInfer<A>>;
  /** By the name of their scenarios. */
  readonly situations?: Readonly<Record<string, Situation<T, V, A>>>;
};

/** Infers the types of a fixture from those of the resource. */
export const resourceFixture = <
  T extends TargetFields,
  C extends ClientClasses,
  V extends AttributeValues,
  A extends ClientClasses = C,
>(
  type: ResourceDeclaration<T, C, V, any>,
  fixture: Omit<ResourceFixture<T, V, A>, 'type'>,
): ResourceFixture<T, V, A> => ({ type, ...fixture });

export type WantedResource<V> = {
  readonly values?: Partial<V>;
  readonly tags?: ResourceTags;
  readonly state?: 'busy' | 'stuck' | 'pending' | 'gone';
  /** How its finding names it. Default: as its target. */
  readonly named?: 'by its alias';
};

/** Returns a step that creates such a resource, and waits until AWS has finished. */
export const arrangeResource =
  <T extends TargetFields, V extends AttributeValues, A extends ClientClasses>(
    fixture: ResourceFixture<T, V, A>,
    { values = {}, tags = {}, state, named: naming }: WantedResource<V>,
  ): Arrange<Clients<A>, T> =>
  async (clients, context) => {
    const name = fixture.uniqueName?.(context) ?? context.name;
    const wanted = { ...context, target: context.target ?? nameTarget(fixture.type, name) };
    if (state === 'gone') {
      const absent = typeof fixture.absent === 'function' ? fixture.absent(context) : fixture.absent;
      return findingResource(fixture.type, { ...wanted, target: absent ?? wanted.target });
    }
    const target = await fixture.create(clients, wanted, values, tags);
    const created = { ...wanted, target };
    await setValues(fixture.type, { ...clients, ...created }, values as AttributeValues);
    if (state) await fixture[state]!(clients, created);
    return naming
      ? findingResource(fixture.type, { ...created, target: await fixture.aliasOf!(clients, created) })
      : findingResource(fixture.type, created);
  };

/** Returns a step that creates a resource in this situation. */
export const arrangeSituation =
  <T extends TargetFields, V extends AttributeValues, A extends ClientClasses>(
    fixture: ResourceFixture<T, V, A>,
    { named, create, after }: Situation<T, V, A>,
    values: Partial<V>,
  ): Arrange<Clients<A>, T> =>
  async (clients, context) => {
    const place = { ...context, name: named?.(context) ?? context.name };
    const whole: typeof fixture | undefined = create && {
      ...fixture,
      create: (own, where, _, tags) => create(own, where, values, tags),
    };
    const resource = await arrangeResource(whole ?? fixture, whole ? {} : { values })(clients, place);
    await after?.(clients, { ...place, target: fixture.type.target.parse(resource) });
    return resource;
  };

/** Returns a step that gives an existing resource these values. */
export const addValues =
  <T extends TargetFields, V extends AttributeValues, A extends ClientClasses>(
    { type }: ResourceFixture<T, V, A>,
    values: Partial<V>,
  ): AddFault<Clients<A>, T> =>
  (clients, context) =>
    setValues(type, { ...clients, ...context }, values as AttributeValues);

/** Returns the finding's entry of the resource that the context's target names. */
export const findingResource = (
  { target, alias }: Pick<ResourceDeclaration, 'target' | 'alias'>,
  context: FixtureContext<TargetFields>,
): FindingResource => ({
  Type: identityOfTarget(target, 'the fixture').type!,
  Id: targetArn({ id: 'kit/fixture', target, alias }, context, context.target),
  Partition: context.partition,
  Region: context.region,
});

/** Names a resource whose target has one field. */
function nameTarget<T extends TargetFields>({ target }: Pick<ResourceDeclaration<T>, 'target'>, name: string): T {
  const { shape } = identityOfTarget(target, 'the fixture');
  const fields = [...shape.matchAll(/\{(\w+)\}/g)].map(([, field]) => field!);
  const own = fields.filter((field) => !['partition', 'region', 'account'].includes(field));
  return Object.fromEntries(own.map((field) => [field, name])) as T;
}

/** Sets the values that the resource does not have: it existed before, or its creation did not take them. */
async function setValues(
  type: ResourceDeclaration,
  context: FixtureContext<any>,
  values: AttributeValues,
): Promise<void> {
  const names = Object.keys(values);
  const found = await findWhenReady(type, context, names);
  const from = Object.fromEntries(names.map((name) => [name, found[name] ?? type.attributes[name]!.default]));
  const differing = names.filter((name) => from[name] !== values[name]);
  if (differing.length === 0) return;
  const changes = Object.fromEntries(differing.map((name) => [name, values[name]!]));
  await type.change(context, changes, from);
  await findWhenReady(type, context, names);
}

const PAUSE_SECONDS = 30;
const MAX_PAUSES = 120;

async function findWhenReady(
  type: ResourceDeclaration,
  context: FixtureContext<any>,
  names: readonly string[],
): Promise<any> {
  for (let n = 0; n < MAX_PAUSES; n++) {
    const found = await type.find(context, names);
    if (found && type.busy?.(found) === undefined) return found;
    await context.pause(PAUSE_SECONDS);
  }
  throw new Error(`The resource ${JSON.stringify(context.target)} was not ready after ${MAX_PAUSES * PAUSE_SECONDS} s`);
}
