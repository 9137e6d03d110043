import { asList, type IamPolicy, type OneOrMore, type PrincipalElement } from '../../authorization/policy.ts';
import type { AwsPlace } from '../../kernel/kernel.ts';
import { invalidLogsValue } from './errors.ts';

/**
 * Returns the document as CloudWatch Logs stores it: an account id as the ARN of its root. It refuses ARNs of roles and
 * users, so a document never has unique ids.
 * https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/2557
 * https://github.com/hashicorp/terraform-provider-aws/issues/32260
 * @throws AwsError InvalidParameterException
 */
export function storedResourcePolicy(text: string, { partition }: Pick<AwsPlace, 'partition'>): string {
  const document = parsed(text);
  const names = asList(document.Statement).flatMap(({ Principal }) => namesOf(Principal));
  const problem = names.map(problemOf).find(Boolean);
  if (problem) throw invalidLogsValue(problem);
  if (names.every((name) => name === '*')) return text;
  const stored = (element: PrincipalElement): PrincipalElement =>
    element === '*' || element.AWS === undefined ? element : { ...element, AWS: rootsOf(element.AWS, partition) };
  const Statement = asList(document.Statement).map(({ Principal, ...statement }) => ({
    ...statement,
    ...(Principal && { Principal: stored(Principal) }),
  }));
  return JSON.stringify({ ...document, Statement });
}

function parsed(text: string): IamPolicy {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidLogsValue('The specified resource policy is not valid JSON');
  }
}

const namesOf = (principal: PrincipalElement | undefined): readonly string[] =>
  principal === undefined || principal === '*' ? [] : asList(principal.AWS);

function problemOf(name: string): string | undefined {
  if (name === '*' || /^\d{12}$/.test(name)) return undefined;
  return name.startsWith('arn:')
    ? 'Principal section of policy contains ARN instead of account ID'
    : 'Could not convert to persistable policy.';
}

function rootsOf(names: OneOrMore<string>, partition: string): OneOrMore<string> {
  const roots = asList(names).map((name) => (name === '*' ? name : `arn:${partition}:iam::${name}:root`));
  return roots.length === 1 ? roots[0]! : roots;
}
