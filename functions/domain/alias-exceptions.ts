/**
 * Exceptions that name resources, for a finding that names its resource by an alias. Triage knows the alias alone, so an
 * exception that may mean the resource counts. Pure.
 */
import { identityOfTarget, isAlias, type Place, type TargetFields } from '../contract/remediation.ts';
import type { RemediationDeclaration } from './declaration.ts';
import { type Criterion, type Exception, exceptionFor, type FindingFacts } from './policy.ts';

/** Returns the part of the target's ARN that is known before AWS is asked; undefined if the finding names the target. */
export function arnStem(remediation: RemediationDeclaration, place: Place, target: TargetFields): string | undefined {
  if (!isAlias(remediation, target)) return undefined;
  const [stem = ''] = identityOfTarget(remediation.target, remediation.id)
    .shape.replace(/\{(partition|region|account)\}/g, (_, name: keyof Place) => place[name])
    .split('{');
  return stem;
}

/** Returns an exception that holds if the resource has one of the names that it may have, and does not exclude the alias. */
export function exceptionByName(
  exceptions: readonly Exception[],
  facts: FindingFacts,
  stem: string,
  today: string,
): Exception | undefined {
  const byName = exceptions.flatMap((exception): Exception[] => {
    const { resource, ...others } = exception.criteria;
    return resource !== undefined && mayHold(resource, stem, facts.resource)
      ? [{ ...exception, criteria: others }]
      : [];
  });
  return exceptionFor(byName, facts, today);
}

function mayHold(criterion: Criterion, stem: string, alias: string | undefined): boolean {
  if (typeof criterion === 'string' || Array.isArray(criterion)) return mayBegin(criterion, startsWith(stem));
  const { equals, prefix, not } = criterion;
  const isExcluded = not !== undefined && [not].flat().includes(alias ?? '');
  return !isExcluded && mayBegin(equals, startsWith(stem)) && mayBegin(prefix, (word) => meet(word, stem));
}

const startsWith = (stem: string) => (word: string) => word.startsWith(stem);

const mayBegin = (words: string | readonly string[] | undefined, is: (word: string) => boolean): boolean =>
  words === undefined || [words].flat().some(is);

const meet = (a: string, b: string): boolean => a.startsWith(b) || b.startsWith(a);

export const aliasReason = ({ id }: Pick<Exception, 'id'>, alias: string | undefined): string =>
  `exception ${id} goes by the name of resources, and the finding has no more than the id ${alias}, so it may be excepted. Fix it by hand, or add to the exception's resource: not: ${alias}`;
