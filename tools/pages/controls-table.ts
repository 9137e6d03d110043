import type { Remediation } from '../../functions/contract/remediation.ts';
import { link, markdownTable } from './markdown.ts';

/** Services with at most this many controls share a row, because the README has at most 110 lines. */
const MAX_CONTROLS_IN_SHARED_ROW = 2;

/** Returns a table with a row for each service, and one row for all services with few controls. */
export function controlsTable(remediations: readonly Remediation[]): ReadonlyMap<string, string> {
  const controls = remediations
    .flatMap(({ id, handles }) => handles.controls.map((control) => ({ id, control })))
    .sort((a, b) => a.control.localeCompare(b.control, 'en', { numeric: true }));
  const services = Map.groupBy(controls, ({ control }) => control.split('.')[0]!);
  const few = [...services].filter(([, { length }]) => length <= MAX_CONTROLS_IN_SHARED_ROW);
  const many = [...services].filter(([, { length }]) => length > MAX_CONTROLS_IN_SHARED_ROW);
  const fewNames = few.map(([service, { length }]) => (length > 1 ? `${service} (${length})` : service)).join(', ');
  const sharedRow = [fewNames, few.flatMap(([, ofService]) => ofService)] as const;
  const rows = [...many, sharedRow].map(([service, ofService]) => [
    service,
    String(ofService.length),
    ofService.map(({ id, control }) => link(control, `./functions/remediations/${id}/readme.md`)).join(', '),
  ]);
  return new Map([
    [
      'table: controls',
      `${controls.length} controls, closed by ${remediations.length} remediations:\n\n${markdownTable(['Service', '', 'Controls'], rows)}`,
    ],
  ]);
}
