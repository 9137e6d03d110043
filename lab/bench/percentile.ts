/**
 * Returns the smallest value that `percent` of the values do not exceed.
 * @throws RangeError if there are no values
 */
export function percentileOf(values: readonly number[], percent: number): number {
  if (values.length === 0) throw new RangeError('There are no values.');
  return values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil((values.length * percent) / 100) - 1)]!;
}
