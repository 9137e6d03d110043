/** What each command takes that deals with many findings: which ones, and how. */
import type { OperatorEnvironment } from '../clients/operator.ts';
import type { FilterOptions } from './selection.ts';

export type WritingOptions = OperatorEnvironment &
  Pick<FilterOptions, 'control' | 'account' | 'since'> & {
    /** Shows what would happen, and does nothing. */
    readonly dryRun?: boolean;
    readonly reason?: string;
    /** Without a question. */
    readonly yes?: boolean;
    readonly json?: boolean;
    /** Findings a second. */
    readonly rate?: number;
    /** Shows what would happen, before the question. */
    readonly show?: (text: string) => void;
  };
