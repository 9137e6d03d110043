import type { FilterOptions } from '../clients/findings.ts';
import type { OperatorEnvironment } from '../clients/operator.ts';

export type WritingOptions = OperatorEnvironment &
  Pick<FilterOptions, 'control' | 'account' | 'since'> & {
    readonly dryRun?: boolean;
    readonly reason?: string;
    readonly yes?: boolean;
    readonly json?: boolean;
    readonly rate?: number;
    readonly show?: (text: string) => void;
  };
