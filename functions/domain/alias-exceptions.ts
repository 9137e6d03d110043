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

/**
 * Returns an exception that holds for some resource whose ARN begins with `stem`, and that does not exclude the alias.
 */
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
  if (typeof criterion === 'string' || Array.isArray(criterion)) return someWord(criterion, startsWith(stem));
  const { equals, prefix, not } = criterion;
  const isExcluded = not !== undefined && [not].flat().includes(alias ?? '');
  return !isExcluded && someWord(equals, startsWith(stem)) && someWord(prefix, (word) => overlap(word, stem));
}

const startsWith = (stem: string) => (word: string) => word.startsWith(stem);

/** An absent operator excludes nothing. */
const someWord = (words: string | readonly string[] | undefined, is: (word: string) => boolean): boolean =>
  words === undefined || [words].flat().some(is);

const overlap = (a: string, b: string): boolean => a.startsWith(b) || b.startsWith(a);

export const aliasReason = ({ id }: Pick<Exception, 'id'>, alias: string | undefined): string =>
  `exception ${id} names resources, and the finding has only the id ${alias}, so the exception may hold for it. Fix it by hand, or add to the exception's resource: not: ${alias}`;
