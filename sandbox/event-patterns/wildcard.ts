import type { Reject } from './matcher.ts';

/**
 * EventBridge refuses wildcards that could have too many partial matches at once. The limit is not published. It refuses
 * `*:*:*:*:*:event-bus/*`, which has six.
 */
const MAX_COMPLEXITY = 5;
/** Limits the search for the largest set of partial matches. */
const MAX_SETS_EXPLORED = 2_000;

type Token = { readonly any: true } | { readonly character: string };

/**
 * Compiles a pattern. `*` matches any run of characters, `\*` and `\\` match the characters themselves. Refuses
 * consecutive wildcards, other escapes, and wildcards that are too complex.
 */
export function compileWildcard(pattern: string, reject: Reject): (value: string) => boolean {
  const tokens = tokenize(pattern, reject);
  if (complexity(tokens) > MAX_COMPLEXITY)
    return reject(
      'Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character',
    );
  const source = tokens.map((token) => ('any' in token ? '[^]*' : escaped(token.character))).join('');
  const expression = new RegExp(`^${source}$`);
  return (value) => expression.test(value);
}

const escaped = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|]/, '\\$&');

function tokenize(pattern: string, reject: Reject): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]!;
    if (character === '\\') {
      const next = pattern[++at];
      if (next !== '*' && next !== '\\') return reject(`Invalid escape character at pos ${at - 1}`);
      tokens.push({ character: next });
      continue;
    }
    if (character === '*' && pattern[at - 1] === '*' && tokens.at(-1) && 'any' in tokens.at(-1)!)
      return reject(`Consecutive wildcard characters at pos ${at}`);
    tokens.push(character === '*' ? { any: true } : { character });
  }
  return tokens;
}

/** Returns the most partial matches that one value can have at once, as far as the limits let it search. */
function complexity(tokens: readonly Token[]): number {
  const alphabet = new Set(tokens.flatMap((token) => ('any' in token ? [] : [token.character])));
  const visited = new Set<string>(['0']);
  const unexplored: ReadonlySet<number>[] = [new Set([0])];
  let worst = 1;
  while (unexplored.length > 0 && visited.size < MAX_SETS_EXPLORED && worst <= MAX_COMPLEXITY) {
    const positions = unexplored.pop()!;
    for (const character of alphabet) {
      const next = advance(tokens, positions, character);
      const key = [...next].join();
      if (visited.has(key)) continue;
      visited.add(key);
      unexplored.push(next);
      worst = Math.max(worst, next.size);
    }
  }
  return worst;
}

function advance(tokens: readonly Token[], positions: ReadonlySet<number>, character: string): Set<number> {
  const next = new Set<number>();
  for (const position of positions) {
    const token = tokens[position];
    if (!token) continue;
    if ('character' in token) {
      if (token.character === character) next.add(position + 1);
      continue;
    }
    next.add(position);
    const following = tokens[position + 1];
    if (following && 'character' in following && following.character === character) next.add(position + 2);
  }
  return new Set([...next].sort((a, b) => a - b));
}
