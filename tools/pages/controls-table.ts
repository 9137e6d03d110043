import type { Remediation } from '../../functions/contract/remediation.ts';
import { link, markdownTable } from './markdown.ts';

export const controlsTable = (remediations: readonly Remediation[]): ReadonlyMap<string, string> =>
  new Map([
    [
      'table: controls',
      markdownTable(
        ['Controls', 'Remediation', 'Risk'],
        remediations.map(({ id, title, handles, risk }) => [
          handles.controls.join(', '),
          link(title, `./functions/remediations/${id}/readme.md`),
          risk,
        ]),
      ),
    ],
  ]);
