/**
 * Wildcards of policies: `*` is any text, `?` any one character.
 * An escape character, which no policy holds, makes the next one plain text: so a policy variable's value never
 * becomes a wildcard.
 */
const escapeCharacter = '\uE000';

const compiled = new Map<string, RegExp | string>();
const limit = 20_000;

/** Whether all of `value` matches the pattern; upper and lower case differ. */
export function matchesWildcard(value: string, pattern: string): boolean {
  if (pattern === '*') return true;
  const expression = compile(pattern);
  return typeof expression === 'string' ? expression === value : expression.test(value);
}

/**
 * Whether an ARN matches, segment by segment: a wildcard does not reach over a colon, save in the last segment.
 * A lone `*` matches whatever there is.
 */
export function matchesArn(value: string, pattern: string): boolean {
  if (pattern === '*') return true;
  const patternSegments = segments(pattern);
  const valueSegments = segments(value);
  if (patternSegments.length !== valueSegments.length) return false;
  // From the end, where names differ: partition, service and account seldom decide.
  for (let index = patternSegments.length - 1; index >= 0; index--) {
    const segment = patternSegments[index]!;
    if (segment !== valueSegments[index] && !matchesWildcard(valueSegments[index]!, segment)) return false;
  }
  return true;
}

/** Text in which wildcards mean themselves. */
export const escapeWildcards = (text: string): string => text.replace(/[*?]/g, `${escapeCharacter}$&`);

const segmented = new Map<string, readonly string[]>();

/** The six parts of an ARN; what comes after the fifth colon is one. */
function segments(arn: string): readonly string[] {
  const known = segmented.get(arn);
  if (known) return known;
  const parts = arn.split(':');
  const result = parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
  return remember(segmented, arn, result);
}

function compile(pattern: string): RegExp | string {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  const plain = !/[\uE000*?]/.test(pattern);
  return remember(compiled, pattern, plain ? pattern : new RegExp(`^${source(pattern)}$`, 's'));
}

const source = (pattern: string): string =>
  pattern.replace(/\uE000(.)|[\s\S]/g, (character, escaped: string | undefined) => {
    if (escaped !== undefined) return literal(escaped);
    if (character === '*') return '.*';
    return character === '?' ? '.' : literal(character);
  });

const literal = (character: string): string => character.replace(/[.*+?^${}()|[\]\\/-]/, '\\$&');

/** Keeps what was worked out, within bounds: a long run meets many resource names. */
function remember<V>(cache: Map<string, V>, key: string, value: V): V {
  if (cache.size >= limit) cache.clear();
  cache.set(key, value);
  return value;
}
