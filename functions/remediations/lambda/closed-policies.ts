/** The policies of a function without what lets everybody in. */
import { type Refusal, refused } from '../../contract/remediation.ts';
import { patternedStatement, type ResourcePolicy, withoutPublic } from '../kit/resource-policy.ts';
import { type FunctionPolicy, missingIn } from './function-policies.ts';
import { additionOf, callersText, type FunctionStatement, withAccount } from './permissions.ts';

const asPolicy = ({ statements }: FunctionPolicy): ResourcePolicy => ({ Statement: statements }) as ResourcePolicy;

/** Returns the policies without public statements, or a refusal if they cannot be closed by calls of the API. */
export function closedPolicies(policies: readonly FunctionPolicy[], account: string): FunctionPolicy[] | Refusal {
  const patterned = policies.map((each) => patternedStatement(asPolicy(each))).find((each) => each !== undefined);
  if (patterned) return refused(`${patterned} means somebody by a pattern: name accounts or ARNs without wildcards`);
  const closed = policies.map((policy) => ({
    ...policy,
    statements: ((withoutPublic(asPolicy(policy))?.Statement ?? []) as FunctionStatement[])
      .map((each) => withAccount(each, account))
      .sort((a, b) => (a.Sid < b.Sid ? -1 : 1)),
  }));
  const unwritable = missingIn(policies, closed).find(({ statement }) => !additionOf(statement));
  if (unwritable) return refused(`AddPermission cannot write statement "${unwritable.statement.Sid}": add it by hand`);
  return closed.filter(({ statements }) => statements.length > 0);
}

/** Returns what a rollback could not add again. */
export function unrestorable(from: readonly FunctionPolicy[], to: readonly FunctionPolicy[]): string | undefined {
  const lost = missingIn(to, from).find(({ statement }) => !additionOf(statement));
  return lost && `statement "${lost.statement.Sid}", which AddPermission cannot write again`;
}

export function policiesChangeText(from: readonly FunctionPolicy[], to: readonly FunctionPolicy[]): string {
  const gone = missingIn(to, from).map(({ qualifier, statement }) => {
    const where = qualifier ? ` of ${qualifier}` : '';
    return `statement "${statement.Sid}"${where} (${callersText(statement)})`;
  });
  return gone.length > 0 ? `no longer let in: ${gone.join(', ')}` : 'the policies let everybody in again';
}
