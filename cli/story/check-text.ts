import type { JobRoute, TriageCheck } from '../../functions/domain/job.ts';
import { countText } from '../output/count-text.ts';

/** Sentences for checks whose name and value alone are ambiguous. */
const PASSED: Readonly<Record<string, (value: string) => string>> = {
  'excluded accounts': (account) => `account ${account} is not excluded`,
  'excluded by policy': (account) => `policy does not exclude account ${account}`,
  'member of the organization': (account) => `account ${account} is a member of the organization`,
  'state of the account': (state) => `the account is ${state}`,
  suppressions: () => 'no suppression applies',
  exemptions: () => 'no exemption applies',
  names: (form) => `the names are ${form}`,
  target: (resource) => `the resource is one that the remediation takes: ${resource}`,
  parameters: (params) => `the policy's parameters are ones that the remediation takes: ${params}`,
};

/** Returns a sentence that says how the check ended. */
export const checkSentence = ({ check, value, passed }: TriageCheck): string =>
  passed ? (PASSED[check]?.(value) ?? `${check}: ${value}`) : `${check}: ${value} did not pass`;

/**
 * Returns a line that counts the checks and names the one that decided: the one that did not pass, or else policy.
 * @param reason why triage took the route
 */
export function checksSummary(checks: readonly TriageCheck[], route: JobRoute, reason: string): string {
  const failed = checks.find(({ passed }) => !passed);
  const passed = checks.filter((each) => each.passed);
  const count = `${countText(passed.length, 'check')} passed`;
  if (failed) return `${count}; this one did not, so triage chose ${route}: ${failed.check}: ${reason}`;
  const policy = checks.find(({ check }) => check === 'policy');
  return policy ? `${count}; the policy decided: ${policy.value}` : count;
}
