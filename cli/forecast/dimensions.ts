import { MESSAGE_SEVERITIES } from '../../functions/domain/message-kinds.ts';

/** The facts of findings by which a forecast counts them. */
export const DIMENSIONS = ['control', 'account', 'severity'] as const;
export type Dimension = (typeof DIMENSIONS)[number];
/** A finding may have any text as its severity. */
export const SEVERITIES: readonly string[] = MESSAGE_SEVERITIES;
