/** The smallest value that so many hundredths of the values do not exceed. @throws RangeError where there is none */
export function percentile(values: readonly number[], hundredths: number): number {
  if (values.length === 0) throw new RangeError('There are no values.');
  return values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil((values.length * hundredths) / 100) - 1)]!;
}
