import type { Remediation } from '../../functions/contract/remediation.ts';
import { link, markdownTable } from './markdown.ts';

/** A row for each service, with the controls that remediations close; services of one control share a row. */
export function controlsTable(remediations: readonly Remediation[]): ReadonlyMap<string, string> {
  const controls = remediations
    .flatMap(({ id, handles }) => handles.controls.map((control) => ({ id, control })))
    .sort((a, b) => a.control.localeCompare(b.control, 'en', { numeric: true }));
  const services = Map.groupBy(controls, ({ control }) => control.split('.')[0]!);
  const alone = [...services].filter(([, own]) => own.length === 1);
  const several = [...services].filter(([, own]) => own.length > 1);
  const rest = alone.map(([service]) => service).join(', ');
  const rows = [...several, [rest, alone.flatMap(([, own]) => own)] as const].map(([service, own]) => [
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
