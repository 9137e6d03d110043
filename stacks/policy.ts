/** `policy.yaml`, checked when the stacks are synthesized: a mistake is found at the desk, not by the next finding. */
import { readFileSync } from 'node:fs';
import * as YAML from 'yaml';
import { Policy, paramsOf } from '../functions/contract/policy.ts';
import type { Remediation } from '../functions/contract/remediation.ts';

/** The policy of this file. Throws an error that names every wrong path, the value met and what is expected. */
export function readPolicy(file: string, remediations: readonly Remediation[]): Policy {
  return parsePolicy(readFileSync(file, 'utf8'), file, remediations);
}

export function parsePolicy(text: string, file: string, remediations: readonly Remediation[]): Policy {
  const given: unknown = YAML.parse(text);
  const parsed = Policy.safeParse(given);
  const problems = parsed.success
    ? Object.keys(parsed.data.controls).flatMap((control) => controlProblems(parsed.data, control, remediations))
    : parsed.error.issues.map(
        ({ path, message }) => `${path.join('.') || 'the file'} is ${met(given, path)}: ${message}`,
      );
  if (parsed.success && problems.length === 0) return parsed.data;
  throw new Error(`${file} is invalid.\n${problems.join('\n')}`);
}

function controlProblems(policy: Policy, control: string, remediations: readonly Remediation[]): string[] {
  const remediation = remediations.find(({ handles }) => handles.controls.includes(control));
  if (!remediation) return [`controls.${control}: no remediation of the registry handles this control`];
  const params = remediation.params.safeParse(paramsOf(policy, control));
  if (params.success) return [];
  return params.error.issues.map(
    ({ path, message }) => `${['controls', control, 'params', ...path].join('.')} of ${remediation.id}: ${message}`,
  );
}

const met = (given: unknown, path: readonly PropertyKey[]) =>
  JSON.stringify(path.reduce((of: any, key) => of?.[key], given)) ?? 'missing';
