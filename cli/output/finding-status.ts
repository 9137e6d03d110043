import type { FindingStatus } from '../../functions/domain/ledger.ts';
import { colour } from './terminal.ts';

const STATUS_COLOURS: Readonly<Partial<Record<FindingStatus, 'red' | 'green' | 'yellow'>>> = {
  FAILED: 'red',
  FIXED: 'green',
  WAITING: 'yellow',
};

export function statusText(status: FindingStatus): string {
  const name = status.toLowerCase().replaceAll('_', '-');
  const style = STATUS_COLOURS[status];
  return style ? colour(style, name) : name;
}
