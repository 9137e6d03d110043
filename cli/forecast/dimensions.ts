/** By which findings are counted. */
export const DIMENSIONS = ['control', 'account', 'severity'] as const;
export type Dimension = (typeof DIMENSIONS)[number];
