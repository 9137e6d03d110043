import type { Remediation } from '../../functions/contract/remediation.ts';
import { link, markdownTable } from './markdown.ts';

/** The README has at most 110 lines. */
const FEW = 2;

/** A row for each service, with the controls that remediations close; services with few share a row. */
export function controlsTable(remediations: readonly Remediation[]): ReadonlyMap<string, string> {
  const controls = remediations
    .flatMap(({ id, handles }) => handles.controls.map((control) => ({ id, control })))
    .sort((a, b) => a.control.localeCompare(b.control, 'en', { numeric: true }));
  const services = Map.groupBy(controls, ({ control }) => control.split('.')[0]!);
  const few = [...services].filter(([, own]) => own.length <= FEW);
  const many = [...services].filter(([, own]) => own.length > FEW);
  const rest = few.map(([service, own]) => (own.length > 1 ? `${service} (${own.length})` : service)).join(', ');
  const rows = [...many, [rest, few.flatMap(([, own]) => own)] as const].map(([service, own]) => [
    service,
    String(own.length),
    own.map(({ id, control }) => link(control, `./functions/remediations/${id}/readme.md`)).join(', '),
  ]);
  return new Map([
    [
      'table: controls',
      `${controls.length} controls, closed by ${remediations.length} remediations:\n\n${markdownTable(['Service', '', 'Controls'], rows)}`,
    ],
  ]);
}
