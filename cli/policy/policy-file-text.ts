/** A stored policy as the text of a `policy.yaml`. Pure. */
import * as YAML from 'yaml';

export function policyFileText(content: unknown, version: number, isDeployed: boolean): string {
  const { units: _, ...rules } = content as { readonly units?: unknown };
  return [
    `# Version ${version} of the policy${isDeployed ? ', which is deployed' : ''}.`,
    '# Comments of its file are not stored.',
    YAML.stringify(rules, { lineWidth: 120 }).trimEnd(),
  ].join('\n');
}
