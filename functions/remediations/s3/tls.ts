/** The statement of a bucket's policy that denies requests without TLS. */
import type { ResourcePolicy } from '../kit/resource-policy.ts';

type Statement = Readonly<Record<string, unknown>>;

/** Whether a statement denies requests without TLS to everybody: each action, on the bucket and its objects, always. */
export const requiresTls = (policy: ResourcePolicy, bucketArn: string): boolean =>
  statementsOf(policy).some(({ Effect, Principal, Action, Resource, Condition }) => {
    const resources = asList(Resource);
    const covers = (arn: string) => resources.some((each) => each === arn || each === '*' || each === `${bucketArn}*`);
    return (
      Effect === 'Deny' &&
      (Principal === '*' || asList((Principal as Statement | undefined)?.AWS).includes('*')) &&
      asList(Action).some((action) => action === '*' || String(action).toLowerCase() === 's3:*') &&
      covers(bucketArn) &&
      covers(`${bucketArn}/*`) &&
      isWithoutTls(Condition as Conditions | undefined)
    );
  });

/** Returns the policy with such a statement after its own. */
export function withTlsRequired(policy: ResourcePolicy | null, bucketArn: string): ResourcePolicy {
  const statements = policy ? statementsOf(policy) : [];
  const taken = statements.map(({ Sid }) => Sid);
  const Sid = ['RequireTls', ...statements.map((_, n) => `RequireTls${n + 2}`)].find((sid) => !taken.includes(sid));
  const statement = {
    Sid,
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:*',
    Resource: [bucketArn, `${bucketArn}/*`],
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
  return { ...(policy ?? { Version: '2012-10-17' }), Statement: [...statements, statement] } as ResourcePolicy;
}

type Conditions = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A second condition would let some requests without TLS through. */
function isWithoutTls(conditions: Conditions = {}): boolean {
  const all = Object.entries(conditions).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, value]) => [operator, key, asList(value)] as const),
  );
  const [only, ...others] = all;
  if (!only || others.length > 0) return false;
  const [operator, key, values] = only;
  const isFalse = values.length === 1 && String(values[0]) === 'false';
  return /^bool(ifexists)?$/i.test(operator) && key.toLowerCase() === 'aws:securetransport' && isFalse;
}

const statementsOf = ({ Statement }: ResourcePolicy): readonly Statement[] => asList(Statement) as Statement[];

const asList = (value: unknown): readonly unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];
