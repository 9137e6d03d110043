/** Pages and identifiers as in every operation of RDS. */
import { invalidRdsValue } from './errors.ts';

export const RDS_PAGES = {
  token: 'Marker',
  next: 'Marker',
  size: 'MaxRecords',
  sizes: [20, 100],
  defaultSize: 100,
  invalidToken: () => invalidRdsValue('Invalid value for parameter Marker'),
} as const;

/** AWS keeps identifiers in lower case. */
export const rdsIdentifier = (given: string): string => given.toLowerCase();
