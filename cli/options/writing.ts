/** Options of commands that deal with many findings. */
import type { FilterOptions } from '../clients/findings.ts';
import type { OperatorEnvironment } from '../clients/operator.ts';

export type WritingOptions = OperatorEnvironment &
  Pick<FilterOptions, 'control' | 'account' | 'since'> & {
    /** Shows what would happen, and does nothing. */
    readonly dryRun?: boolean;
    readonly reason?: string;
    /** Does not ask. */
    readonly yes?: boolean;
    readonly json?: boolean;
    /** Findings a second. */
    readonly rate?: number;
    /** Shows what would happen, before the question. */
    readonly show?: (text: string) => void;
  };
