/** Statements of a resource's policy that let a service of AWS in. */
import type { ResourcePolicy } from './resource-policy.ts';

type OneOrMore = string | readonly string[];
type ServiceStatement = {
  readonly Effect: string;
  readonly Principal?: string | Readonly<Record<string, OneOrMore>>;
  readonly Action?: OneOrMore;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMore>>>>;
};

/** By condition key in lower case: what the service sends. */
export type ServiceContext = Readonly<Record<string, string>>;

/**
 * Whether a statement allows the action to the service. Conditions on keys that `context` lacks are left to AWS, which
 * checks them when the service is told to use the resource; so are statements that deny.
 */
export const allowsService = (
  { Statement }: ResourcePolicy,
  service: string,
  action: string,
  context: ServiceContext = {},
): boolean =>
  ([Statement].flat() as ServiceStatement[]).some(
    ({ Effect, Principal, Action, Condition = {} }) =>
      Effect === 'Allow' &&
      servicesOf(Principal).some((each) => each === service || each === '*') &&
      asList(Action).some((pattern) => isLike(action.toLowerCase(), pattern.toLowerCase())) &&
      Object.entries(Condition).every(([operator, keys]) => holds(operator, keys, context)),
  );

const servicesOf = (principal: ServiceStatement['Principal']): readonly string[] => {
  if (typeof principal === 'object') return asList(principal.Service);
  return principal === '*' ? ['*'] : [];
};

function holds(operator: string, keys: Readonly<Record<string, OneOrMore>>, context: ServiceContext): boolean {
  if (!/^(String|Arn)(Equals|Like)(IfExists)?$/.test(operator)) return true;
  const hasPatterns = !operator.startsWith('StringEquals');
  return Object.entries(keys).every(([key, values]) => {
    const sent = context[key.toLowerCase()];
    return sent === undefined || asList(values).some((value) => (hasPatterns ? isLike(sent, value) : sent === value));
  });
}

/** Patterns of IAM: `*` and `?`. */
const isLike = (value: string, pattern: string): boolean =>
  new RegExp(
    `^${pattern
      .replace(/[.+^$()|[\]\\{}]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  ).test(value);

const asList = (value: OneOrMore | undefined): readonly string[] => (value === undefined ? [] : [value].flat());
