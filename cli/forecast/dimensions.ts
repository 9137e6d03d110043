/** By which findings are counted. */
export const DIMENSIONS = ['control', 'account', 'severity'] as const;
export type Dimension = (typeof DIMENSIONS)[number];
export const SEVERITIES: readonly string[] = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'INFORMATIONAL'];
