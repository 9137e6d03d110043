/** Checks of an event's content, before it is known to be a finding in ASFF. */
import { Finding } from '../domain/finding.ts';
import { rawField } from '../domain/finding-names.ts';
import { type Check, resultOf } from './check.ts';
import { foreignFinding } from './foreign.ts';

export type Arrival = { readonly detailType: string; readonly raw: unknown };

const product: Check<Arrival> = ({ detailType, raw }) =>
  resultOf('product', rawField(raw, 'ProductArn') ?? 'none', foreignFinding(detailType, raw));

/** Adds no record if the finding passes. */
const format: Check<Arrival> = ({ raw }) => {
  const parsed = Finding.safeParse(raw);
  if (parsed.success) return [];
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'finding'}: ${message}`);
  const reason = `is not a finding in ASFF: ${problems.slice(0, 5).join('; ')}`;
  return resultOf('format', problems[0]!, { route: 'reject', reason });
};

export const ARRIVAL_CHECKS: readonly Check<Arrival>[] = [product, format];
