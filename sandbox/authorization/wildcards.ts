/**
 * Wildcards of policies: `*` is any text, `?` any one character.
 * An escape character, which no policy contains, makes the next one plain text, so that the value of a policy variable
 * never acts as a wildcard.
 */
const ESCAPE_CHARACTER = '\uE000';

const COMPILED = new Map<string, RegExp | string>();
const CACHE_LIMIT = 20_000;

export function matchesWildcard(value: string, pattern: string): boolean {
  if (pattern === '*') return true;
  const expression = compile(pattern);
  return typeof expression === 'string' ? expression === value : expression.test(value);
}

/**
 * Matches segment by segment: a wildcard does not match a colon, except in the last segment. The pattern `*` matches
 * everything.
 */
export function matchesArn(value: string, pattern: string): boolean {
  if (pattern === '*') return true;
  const patternSegments = segments(pattern);
  const valueSegments = segments(value);
  if (patternSegments.length !== valueSegments.length) return false;
  // From the end, where ARNs differ most often.
  for (let index = patternSegments.length - 1; index >= 0; index--) {
    const segment = patternSegments[index]!;
    if (segment !== valueSegments[index] && !matchesWildcard(valueSegments[index]!, segment)) return false;
  }
  return true;
}

export const escapeWildcards = (text: string): string => text.replace(/[*?]/g, `${ESCAPE_CHARACTER}$&`);

const SEGMENTED = new Map<string, readonly string[]>();

function segments(arn: string): readonly string[] {
  const known = SEGMENTED.get(arn);
  if (known) return known;
  const parts = arn.split(':');
  const result = parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
  return remember(SEGMENTED, arn, result);
}

function compile(pattern: string): RegExp | string {
  const known = COMPILED.get(pattern);
  if (known !== undefined) return known;
  const plain = !/[\uE000*?]/.test(pattern);
  return remember(COMPILED, pattern, plain ? pattern : new RegExp(`^${source(pattern)}$`, 's'));
}

const source = (pattern: string): string =>
  pattern.replace(/\uE000(.)|[\s\S]/g, (character, escaped: string | undefined) => {
    if (escaped !== undefined) return literal(escaped);
    if (character === '*') return '.*';
    return character === '?' ? '.' : literal(character);
  });

const literal = (character: string): string => character.replace(/[.*+?^${}()|[\]\\/-]/, '\\$&');

/** The cache's size is limited, because a long run has many resource names. */
function remember<V>(cache: Map<string, V>, key: string, value: V): V {
  if (cache.size >= CACHE_LIMIT) cache.clear();
  cache.set(key, value);
  return value;
}
