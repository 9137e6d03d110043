import type { Json } from './json.ts';

type Comparison = (value: Json, operand: Json) => boolean;

const ORDERS = {
  Equals: (difference: number) => difference === 0,
  LessThan: (difference: number) => difference < 0,
  GreaterThan: (difference: number) => difference > 0,
  LessThanEquals: (difference: number) => difference <= 0,
  GreaterThanEquals: (difference: number) => difference >= 0,
};

/** Values of another type than the operator's never match. Each comparison has a `…Path` form. */
export const COMPARISONS: Readonly<Record<string, Comparison>> = {
  ...ordered('String', (value) => (typeof value === 'string' ? value : null)),
  ...ordered('Numeric', (value) => (typeof value === 'number' ? value : null)),
  ...ordered('Timestamp', timestamp),
  BooleanEquals: (value, operand) => typeof value === 'boolean' && value === operand,
};

export const TYPE_TESTS: Readonly<Record<string, (value: Json) => boolean>> = {
  IsNull: (value) => value === null,
  IsNumeric: (value) => typeof value === 'number',
  IsString: (value) => typeof value === 'string',
  IsBoolean: (value) => typeof value === 'boolean',
  IsTimestamp: (value) => timestamp(value) !== null,
};

function ordered<T extends string | number>(type: string, read: (value: Json) => T | null): Record<string, Comparison> {
  const compare = (accept: (difference: number) => boolean): Comparison => {
    return (value, operand) => {
      const [one, other] = [read(value), read(operand)];
      if (one === null || other === null) return false;
      return accept(one < other ? -1 : one > other ? 1 : 0);
    };
  };
  return Object.fromEntries(Object.entries(ORDERS).map(([order, accept]) => [type + order, compare(accept)]));
}

/** RFC 3339 with an uppercase T, and an uppercase Z or an offset. */
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

export function timestamp(value: Json): number | null {
  if (typeof value !== 'string' || !TIMESTAMP.test(value)) return null;
  const time = Date.parse(value);
  return Number.isNaN(time) ? null : time;
}
