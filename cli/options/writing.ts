import type { FilterOptions } from '../clients/findings.ts';
import type { OperatorEnvironment } from '../clients/operator.ts';

/** The values of FILTER_OPTIONS. */
export type SelectionOptions = Pick<
  FilterOptions,
  'control' | 'account' | 'ou' | 'region' | 'severity' | 'remediation' | 'since'
>;

export type WritingOptions = OperatorEnvironment &
  SelectionOptions & {
    readonly dryRun?: boolean;
    readonly reason?: string;
    readonly yes?: boolean;
    readonly json?: boolean;
    readonly rate?: number;
    readonly show?: (text: string) => void;
  };

/** Returns the filters among a command's options. */
export function selectionIn(options: SelectionOptions): SelectionOptions {
  const { control, account, ou, region, severity, remediation, since } = options;
  return { control, account, ou, region, severity, remediation, since };
}

export const isSelective = (filters: FilterOptions): boolean =>
  Object.values(filters).some((value) => value !== undefined);
