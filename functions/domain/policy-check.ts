/**
 * Checks a policy. The command line shows each problem with its line (`stacks/policy.ts`), and the validator of
 * AppConfig applies the same checks before a deployment. Pure.
 */

import { laxParameters } from './control-parameters.ts';
import { criteriaProblems } from './criteria.ts';
import type { RemediationDeclaration } from './declaration.ts';
import { managedRuleOf } from './managed-policy.ts';
import { ownerProblems } from './owner-check.ts';
import { ControlRule, Exception, type Mode, Window } from './policy.ts';
import { type PolicyPath, type PolicyProblem, paramsProblems, shapeProblems } from './policy-shape.ts';
import { unhandledControl } from './security-hub-controls.ts';

export type { PolicyPath, PolicyProblem } from './policy-shape.ts';

export type CheckOptions = {
  readonly remediations: readonly RemediationDeclaration[];
  /** Exceptions that ended before this day are problems; without it, none are. */
  readonly today?: string;
};

/** Returns all problems of a policy. The deeper checks skip parts whose form is wrong. */
export function policyProblems(document: unknown, { remediations, today }: CheckOptions): PolicyProblem[] {
  const shape = shapeProblems(document);
  const { controls, suppressions, exemptions, windows } = partsOf(document);
  const handled = remediations.flatMap(({ handles }) => handles.controls);
  const exceptions = [...entriesOf(suppressions, 'suppressions'), ...entriesOf(exemptions, 'exemptions')];
  return [
    ...shape,
    ...Object.entries(controls).flatMap(([control, rule]) => controlProblems(control, rule, remediations, handled)),
    ...exceptions.flatMap(({ value, path }) => exceptionProblems(value, path, handled, today)),
    ...duplicates(exceptions),
    ...entriesOf(windows, 'windows').flatMap(({ value, path }) => windowProblems(value, path, handled)),
    ...duplicates(entriesOf(windows, 'windows')),
    ...ownerProblems(document),
  ];
}

export const describeProblem = ({ path, message }: PolicyProblem): string => `${pathName(path)}: ${message}`;

export const pathName = (path: PolicyPath): string =>
  path.length === 0
    ? 'the policy'
    : path.map((key, n) => (typeof key === 'number' ? `[${key}]` : `${n > 0 ? '.' : ''}${key}`)).join('');

function controlProblems(
  control: string,
  document: unknown,
  remediations: readonly RemediationDeclaration[],
  handled: readonly string[],
): PolicyProblem[] {
  const path = ['controls', control];
  const remediation = remediations.find(({ handles }) => handles.controls.includes(control));
  if (!remediation) return [{ path, key: true, message: unhandledControl(control, handled) }];
  const parsed = ControlRule.safeParse(document);
  if (!parsed.success || parsed.data === null) return [];
  const rule = typeof parsed.data === 'string' ? { mode: parsed.data } : parsed.data;
  const params = remediation.params.safeParse(rule.params ?? {});
  return [
    ...(typeof parsed.data === 'string' ? modeProblems(remediation, parsed.data, path) : []),
    ...(typeof parsed.data !== 'string' && rule.mode ? modeProblems(remediation, rule.mode, [...path, 'mode']) : []),
    ...(['accounts', 'ous', 'tags'] as const).flatMap((scope) =>
      Object.entries(rule[scope] ?? {}).flatMap(([name, mode]) =>
        modeProblems(remediation, mode, [...path, scope, name]),
      ),
    ),
    ...(rule.tags ? tagProblems(remediation, [...path, 'tags']) : []),
    ...(managedRuleOf(rule.whenManagedBy).tags ? tagProblems(remediation, [...path, 'whenManagedBy', 'tags']) : []),
    ...(params.success
      ? laxParameters(remediation, control, rule.params ?? {}).map(({ name, message }) => ({
          path: [...path, 'params', name],
          message: `${message} (${remediation.id})`,
        }))
      : paramsProblems(
          params.error.issues,
          [...path, 'params'],
          { controls: { [control]: rule } },
          remediation.params,
        ).map((problem) => ({ ...problem, message: `${problem.message} (parameters of ${remediation.id})` }))),
  ];
}

const tagProblems = ({ id, tags }: RemediationDeclaration, path: PolicyPath): PolicyProblem[] =>
  tags ? [] : [{ path, key: true, message: `${id} reads no tags: this can never hold` }];

const modeProblems = ({ id, risk }: RemediationDeclaration, mode: Mode, path: PolicyPath): PolicyProblem[] =>
  mode === 'auto' && risk === 'destructive'
    ? [{ path, message: `is "auto": ${id} is destructive, a person must approve each change; write approve` }]
    : [];

function exceptionProblems(
  document: unknown,
  path: PolicyPath,
  handled: readonly string[],
  today?: string,
): PolicyProblem[] {
  const criteria = Exception.shape.criteria.safeParse(fieldOf(document, 'criteria'));
  const expires = Exception.shape.expires.safeParse(fieldOf(document, 'expires'));
  return [
    ...(criteria.success ? criteriaProblems(criteria.data, [...path, 'criteria'], handled) : []),
    ...(expires.success && today !== undefined && expires.data < today
      ? [{ path: [...path, 'expires'], message: `is "${expires.data}": has passed; remove the entry, or decide again` }]
      : []),
  ];
}

function windowProblems(document: unknown, path: PolicyPath, handled: readonly string[]): PolicyProblem[] {
  const parsed = Window.safeParse(document);
  if (!parsed.success) return [];
  const { from, to, controls = [] } = parsed.data;
  return [
    ...(from === to ? [{ path: [...path, 'to'], message: `is "${to}": the window ends when it opens` }] : []),
    ...controls.flatMap((control, n) =>
      handled.includes(control)
        ? []
        : [{ path: [...path, 'controls', n], message: `is "${control}": ${unhandledControl(control, handled)}` }],
    ),
  ];
}

type Entry = { readonly value: unknown; readonly path: PolicyPath };

function duplicates(entries: readonly Entry[]): PolicyProblem[] {
  return entries.flatMap(({ value, path }, n) => {
    const id = fieldOf(value, 'id');
    const first = entries.slice(0, n).find((other) => id !== undefined && fieldOf(other.value, 'id') === id);
    return first ? [{ path: [...path, 'id'], message: `is "${id}": taken by ${pathName(first.path)}` }] : [];
  });
}

const entriesOf = (values: readonly unknown[], name: string): Entry[] =>
  values.map((value, n) => ({ value, path: [name, n] }));

function partsOf(document: unknown) {
  const map = (value: unknown): Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
  const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
  const { controls, suppressions, exemptions, windows } = map(document);
  return {
    controls: map(controls),
    suppressions: list(suppressions),
    exemptions: list(exemptions),
    windows: list(windows),
  };
}

const fieldOf = (value: unknown, key: string): unknown => (value as Record<string, unknown> | null | undefined)?.[key];
