/**
 * Evaluates the conditions of a statement for a request.
 * Several operators and keys are joined by AND, several values of one key by OR (NOR for negated operators):
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
 */
import { type CompiledCondition, fillVariables, type RequestContext } from './compile.ts';
import { asList } from './policy.ts';

export const conditionsHold = (conditions: readonly CompiledCondition[], context: RequestContext): boolean =>
  conditions.every((condition) => holds(condition, context));

function holds({ operator, key, values }: CompiledCondition, context: RequestContext): boolean {
  const actual = asList(context.get(key));
  if (operator.isNull) return values.some((value) => (value === 'true') === (actual.length === 0));

  const passes = (value: string): boolean => {
    const matches = values.some((template) => {
      const pattern = fillVariables(template, context, operator.wildcards);
      return pattern !== undefined && operator.test(value, pattern);
    });
    return matches !== operator.negated;
  };
  if (operator.set === 'ForAllValues') return actual.every(passes);
  // ForAnyValue needs a value of the request that passes, with IfExists too.
  if (actual.length === 0) return operator.set === undefined && (operator.ifExists || operator.negated);
  // A negated operator without a set operator requires that no value of the request matches a value of the policy.
  return operator.negated && operator.set === undefined ? actual.every(passes) : actual.some(passes);
}
