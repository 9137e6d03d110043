import { conditionHolds, type TemplateScope } from './intrinsics.ts';
import { type Template, templateError } from './template.ts';

/** @throws AwsError ValidationError for a rule of the template that the parameters break */
export function checkRules(stackName: string, template: Template, scope: TemplateScope): void {
  for (const [name, rule] of Object.entries(template.Rules)) {
    const path = ['Rules', name];
    if (rule.RuleCondition && !conditionHolds(rule.RuleCondition, scope, [...path, 'RuleCondition'])) continue;
    const broken = rule.Assertions.find((assertion) => !conditionHolds(assertion.Assert, scope, [...path, 'Assert']));
    if (broken) throw templateError(stackName, broken.AssertDescription ?? 'assertion failed', ...path);
  }
}
