/** Remediations that give attributes of one resource the values that a control requires. */
import * as z from 'zod';
import {
  type ClientClasses,
  type ControlParameters,
  defineRemediation,
  isRefusal,
  type Place,
  type Refusal,
  type Remediation,
  type RemediationSteps,
  refused,
  type TargetFields,
} from '../../contract/remediation.ts';
import { checkNames, checkPresent } from './declared-names.ts';
import { ResourceAccess } from './resource-access.ts';
import type { AttributeValues, ResourceDeclaration } from './resource-type.ts';

/** The place of the finding, and the values of all attributes that the setting names. */
type WantContext<S> = Place & { readonly state: S };

/**
 * The value that passes the control, or a function of the current value if several pass. It refuses if policy does not
 * name what it needs.
 */
type Want<V, P, S> = V | ((current: V, params: P, context: WantContext<S>) => V | Refusal);

type SettingFacts<V, D, K extends keyof V, P> = Pick<Remediation, 'id' | 'title' | 'risk' | 'version'> &
  Pick<RemediationSteps<Pick<V, K>, never, never>, 'riskOf' | 'loses'> & {
    readonly controls: readonly string[];
    readonly params?: z.ZodType<P>;
    readonly controlParams?: ControlParameters<NoInfer<P>>;
    readonly wants: { readonly [N in K]: Want<V[N], NoInfer<P>, Pick<V, NoInfer<K>>> };
    /** Returns why a resource that fails the control keeps its values. */
    readonly refuses?: (found: D) => string | undefined;
    /** Returns what the change costs each month, which the plan says. */
    readonly costs?: (from: Pick<V, K>, to: Pick<V, K>, found: D) => string | undefined;
  };

const REQUIRED_FACTS = ['id', 'title', 'controls', 'risk', 'wants'] as const;
const OPTIONAL_FACTS = ['version', 'riskOf', 'loses', 'params', 'controlParams', 'refuses', 'costs'] as const;

/**
 * Returns a remediation whose state consists of the attributes that `wants` names.
 * @throws WrongNameError for a member or an attribute that does not exist
 */
export function setting<
  T extends TargetFields,
  C extends ClientClasses,
  V extends AttributeValues,
  D extends object,
  K extends keyof V & string,
  P = {},
>(type: ResourceDeclaration<T, C, V, D>, facts: SettingFacts<V, D, K, P>): Remediation<T, {}, P, Pick<V, K>, C> {
  checkFacts(facts, Object.keys(type.attributes));
  const { id, title, risk, version, controls, controlParams, params = z.strictObject({}) } = facts;
  const { target, alias, clients, settleSeconds, global } = type;
  const access = new ResourceAccess<D>(type, Object.keys(facts.wants));
  return defineRemediation({
    ...{ id, title, handles: { controls }, risk, version },
    ...{ target, alias, clients, settleSeconds, global },
    ...access.permissions,
    params: params as z.ZodType<P>,
    controlParams,
    state: access.state,
  }).by(settingSteps(access, facts as never)) as never;
}

function checkFacts(facts: { readonly id: string; readonly wants: object }, attributes: readonly string[]): void {
  const part = `the setting ${facts.id}`;
  checkNames(part, 'a member of a setting', Object.keys(facts), [...REQUIRED_FACTS, ...OPTIONAL_FACTS]);
  checkPresent(part, 'its member', Object.keys(facts), REQUIRED_FACTS);
  checkNames(`wants of ${part}`, 'an attribute of its resource type', Object.keys(facts.wants), attributes);
}

type SettingContext<P> = Place & { readonly params: P };

function settingSteps<D extends object, P>(
  access: ResourceAccess<D>,
  { wants, refuses, costs, riskOf, loses }: SettingFacts<AttributeValues, D, string, P>,
): RemediationSteps<AttributeValues, {}, SettingContext<P>> {
  const want = (state: AttributeValues, { params, ...place }: SettingContext<P>): AttributeValues | Refusal => {
    const wanted = Object.entries(wants).map(
      ([name, value]) =>
        [name, typeof value === 'function' ? value(state[name]!, params, { ...place, state }) : value] as const,
    );
    return wanted.map(([, value]) => value).find(isRefusal) ?? (Object.fromEntries(wanted) as AttributeValues);
  };
  return {
    riskOf,
    loses,
    costs:
      costs &&
      (async (from, to, context) => {
        const found = await access.latest(context);
        return found && costs(from, to, found);
      }),
    want,
    async read(context) {
      const found = await access.find(context);
      return found && access.valuesOf(found);
    },
    async objection(context) {
      const found = await access.latest(context);
      if (!found) return undefined;
      const state = access.valuesOf(found);
      const wanted = want(state, context);
      if (isRefusal(wanted)) return wanted;
      const because = refuses?.(found) ?? access.obstacle(found, state, wanted);
      return because === undefined ? undefined : refused(because);
    },
    write: (context, from, to) => access.change(context, from, to),
    tags: (context) => access.tags(context),
    summary: (from, to) =>
      Object.keys(access.changedValues(from, to))
        .map((name) => `${name} ${from[name]} → ${to[name]}`)
        .join(', '),
    declared: (from, to) => access.declared(access.changedValues(from, to)),
  };
}
