/**
 * The comparison operators of event patterns.
 * Source: "Comparison operators for use in event patterns", EventBridge user guide; error messages after Event Ruler.
 */
import { compileCidr } from './cidr.ts';
import type { Scalar } from './flatten.ts';
import type { Matcher, Reject } from './matcher.ts';
import { compileWildcard } from './wildcard.ts';

/** Operator names, which cannot be field names inside `$or` (Event Ruler's reserved words). */
export const RESERVED_IN_OR: ReadonlySet<string> = new Set([
  'exactly',
  'prefix',
  'suffix',
  'equals-ignore-case',
  'wildcard',
  'anything-but',
  'numeric',
  'cidr',
  'exists',
  '=',
  '<',
  '<=',
  '>',
  '>=',
]);

/** EventBridge compares numbers within ±5e9 ("Numeric matching", user guide). */
const NUMERIC_LIMIT = 5e9;

/** Compiles one entry of a field's array: a literal or `{ operator: operand }`. */
export function compileOperator(entry: unknown, reject: Reject): Matcher {
  if (isScalar(entry)) return (value) => value === entry;
  if (Array.isArray(entry)) return reject('Match value must be String, number, true, false, or null');
  const [operator, operand] = onlyEntry(entry as object, 'match expression', reject);
  switch (operator) {
    case 'exactly':
      return exactly(text(operand, 'exact', reject));
    case 'prefix':
      return affix(operand, 'prefix', reject);
    case 'suffix':
      return affix(operand, 'suffix', reject);
    case 'equals-ignore-case':
      return equalsIgnoreCase(text(operand, 'equals-ignore-case', reject));
    case 'wildcard':
      return onStrings(compileWildcard(text(operand, 'wildcard', reject), reject));
    case 'anything-but':
      return not(anyOf(excluded(operand, reject)));
    case 'numeric':
      return numeric(operand, reject);
    case 'cidr':
      // EventBridge names the wrong operator here.
      return onStrings(compileCidr(text(operand, 'prefix', reject), reject));
    case 'exists':
      if (typeof operand !== 'boolean') return reject('exists match pattern must be either true or false.');
      return () => operand;
    default:
      return reject(`Unrecognized match type ${operator}`);
  }
}

const NOT_EXCLUDED = 'Value of anything-but must be an array or single string/number value.';

function excluded(operand: unknown, reject: Reject): Matcher[] {
  if (typeof operand === 'string' || typeof operand === 'number') return [(value) => value === operand];
  if (Array.isArray(operand)) {
    const types = new Set(operand.map((item) => typeof item));
    if (types.size !== 1 || !(types.has('string') || types.has('number')))
      return reject('Inside anything but list, either all values are number or string, mixed type is not supported');
    return operand.map((item) => (value: Scalar) => value === item);
  }
  if (typeof operand !== 'object' || operand === null) return reject(NOT_EXCLUDED);
  const [operator, inner] = onlyEntry(operand, 'match expression', reject);
  return (Array.isArray(inner) ? inner : [inner]).map((item) => excludedBy(operator, item, reject));
}

function excludedBy(operator: string, item: unknown, reject: Reject): Matcher {
  switch (operator) {
    case 'prefix':
    case 'suffix':
      if (item === '') return reject('Null prefix/suffix not allowed');
      if (isObject(item)) return reject(NOT_EXCLUDED);
      return affix(text(item, 'prefix/suffix', reject), operator, reject);
    case 'equals-ignore-case':
      if (typeof item !== 'string')
        return reject('Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.');
      return equalsIgnoreCase(item);
    case 'wildcard':
      return onStrings(compileWildcard(text(item, 'wildcard', reject), reject));
    default:
      return reject(`Unsupported anything-but pattern: ${operator}`);
  }
}

function affix(operand: unknown, end: 'prefix' | 'suffix', reject: Reject): Matcher {
  if (isObject(operand)) {
    const [operator, inner] = onlyEntry(operand, 'match expression', reject);
    if (operator !== 'equals-ignore-case') return reject(`Unsupported ${end} pattern: ${operator}`);
    const folded = text(inner, 'equals-ignore-case', reject).toLowerCase();
    return onStrings((value) => hasAffix(value.toLowerCase(), folded, end));
  }
  const wanted = text(operand, end, reject);
  return onStrings((value) => hasAffix(value, wanted, end));
}

const hasAffix = (value: string, wanted: string, end: 'prefix' | 'suffix'): boolean =>
  end === 'prefix' ? value.startsWith(wanted) : value.endsWith(wanted);

function numeric(operand: unknown, reject: Reject): Matcher {
  if (!Array.isArray(operand)) return reject('Value of numeric must be an array.');
  const [operator, first, secondOperator, second, ...rest] = operand;
  if (typeof operator !== 'string') return reject(`Invalid member in numeric match: ${String(operator)}`);
  if (!(operator in COMPARISONS)) return reject(`Unrecognized numeric range operator: ${operator}`);
  const bound = numberOf(first, operator, reject);
  if (operand.length === 2) return onNumbers((value) => COMPARISONS[operator]!(value, bound));
  if (!operator.startsWith('>') || rest.length > 0) return reject('Too many elements in numeric expression');
  if (secondOperator !== '<' && secondOperator !== '<=')
    return reject(`Bad numeric range operator: ${String(secondOperator)}`);
  const top = numberOf(second, secondOperator, reject);
  if (bound >= top) return reject('Bottom must be less than top');
  return onNumbers((value) => COMPARISONS[operator]!(value, bound) && COMPARISONS[secondOperator]!(value, top));
}

const COMPARISONS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

function numberOf(value: unknown, operator: string, reject: Reject): number {
  if (typeof value !== 'number') return reject(`Value of ${operator === '=' ? 'equals' : operator} must be numeric`);
  if (Math.abs(value) > NUMERIC_LIMIT) return reject('Value must be between -5.0E9 and 5.0E9, inclusive');
  return value;
}

function text(value: unknown, operator: string, reject: Reject): string {
  return typeof value === 'string' ? value : reject(`${operator} match pattern must be a string`);
}

function onlyEntry(object: object, what: string, reject: Reject): [string, unknown] {
  const [entry, ...others] = Object.entries(object);
  if (!entry) return reject(`Empty ${what} is not allowed`);
  if (others.length > 0) return reject(`Only one key allowed in ${what}`);
  return entry;
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isScalar = (value: unknown): value is Scalar => value === null || typeof value !== 'object';
const exactly =
  (wanted: string): Matcher =>
  (value) =>
    value === wanted;
const equalsIgnoreCase = (wanted: string): Matcher =>
  onStrings((value) => value.toLowerCase() === wanted.toLowerCase());
const onStrings =
  (matches: (value: string) => boolean): Matcher =>
  (value) =>
    typeof value === 'string' && matches(value);
const onNumbers =
  (matches: (value: number) => boolean): Matcher =>
  (value) =>
    typeof value === 'number' && Math.abs(value) <= NUMERIC_LIMIT && matches(value);
const anyOf =
  (matchers: readonly Matcher[]): Matcher =>
  (value) =>
    matchers.some((matches) => matches(value));
const not =
  (matcher: Matcher): Matcher =>
  (value) =>
    !matcher(value);
