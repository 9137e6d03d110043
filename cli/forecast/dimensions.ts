import { MESSAGE_SEVERITIES } from '../../functions/domain/message-kinds.ts';

/** The facts of findings by which a forecast counts them. */
export const DIMENSIONS = ['control', 'account', 'severity'] as const;
export type Dimension = (typeof DIMENSIONS)[number];
/** A finding may have any text as its severity. */
export const SEVERITIES: readonly string[] = MESSAGE_SEVERITIES;

/** Returns the position in an order; the last for a name that the order lacks. */
export const rankIn = (order: readonly string[], name: string | undefined): number =>
  order.includes(name ?? '') ? order.indexOf(name!) : order.length;
