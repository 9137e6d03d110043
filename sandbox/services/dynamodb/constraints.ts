/**
 * Constraints of members that DynamoDB checks before anything else. Dynalite, which recorded them on AWS, checks the
 * operations on items; this file checks the other operations in the same words.
 */
import { AwsError } from '../../kernel/kernel.ts';

/** @throws AwsError ValidationException that names each constraint which does not hold */
export function requireConstraints(failures: readonly (string | undefined)[]): void {
  const failed = failures.filter((each) => each !== undefined);
  if (failed.length === 0) return;
  const count = `${failed.length} validation error${failed.length === 1 ? '' : 's'} detected`;
  throw new AwsError('ValidationException', `${count}: ${failed.join('; ')}`);
}

const failure = (value: string, member: string, constraint: string) =>
  `Value ${value} at '${member}' failed to satisfy constraint: Member must ${constraint}`;
const quoted = (value: string | number) => `'${value}'`;

/** Returns what is wrong with the name of a table. */
export function tableNameFailures(name: string | undefined, member = 'tableName'): (string | undefined)[] {
  if (name === undefined) return [notNull(undefined, member)];
  return [
    /^[a-zA-Z0-9_.-]+$/.test(name)
      ? undefined
      : failure(quoted(name), member, 'satisfy regular expression pattern: [a-zA-Z0-9_.-]+'),
    lengthBetween(name, member, 3, 255),
  ];
}

export const notNull = (value: unknown, member: string): string | undefined =>
  value === undefined ? failure('null', member, 'not be null') : undefined;

export function lengthBetween(
  value: string | readonly unknown[] | undefined,
  member: string,
  min: number,
  max: number,
): string | undefined {
  if (value === undefined) return undefined;
  const shown = typeof value === 'string' ? quoted(value) : '';
  if (value.length < min)
    return failure(shown, member, `have length greater than or equal to ${min}`).replace('  ', ' ');
  if (value.length > max) return failure(shown, member, `have length less than or equal to ${max}`).replace('  ', ' ');
  return undefined;
}

export function valueBetween(value: number | undefined, member: string, min: number, max: number): string | undefined {
  if (value === undefined) return undefined;
  if (value < min) return failure(quoted(value), member, `have value greater than or equal to ${min}`);
  if (value > max) return failure(quoted(value), member, `have value less than or equal to ${max}`);
  return undefined;
}

export const enumFailure = (
  value: string | undefined,
  member: string,
  values: readonly string[],
): string | undefined =>
  value === undefined || values.includes(value)
    ? undefined
    : failure(quoted(value), member, `satisfy enum value set: [${values.join(', ')}]`);

/** Returns what is wrong with ReturnValuesOnConditionCheckFailure. */
export const conditionFailureReturn = (value: string | undefined, member = 'returnValuesOnConditionCheckFailure') =>
  enumFailure(value, member, ['ALL_OLD', 'NONE']);
