import { controlPageUrl } from '../../cli/catalogue/catalogue.ts';
import type { Remediation } from '../../functions/contract/remediation.ts';
import { link } from '../pages/markdown.ts';
import { type GeneratedFile, readText } from './files.ts';
import { fillMarkers } from './markers.ts';

export const readmeHeads = (remediations: readonly Remediation[]): Promise<GeneratedFile[]> =>
  Promise.all(
    remediations.map(async (remediation): Promise<GeneratedFile> => {
      const path = `functions/remediations/${remediation.id}/readme.md`;
      return [path, readmeWithHead(path, await readText(path), remediation)];
    }),
  );

/** @throws Error if the readme lacks the markers of its head */
export const readmeWithHead = (path: string, readme: string, remediation: HeadFacts): string =>
  fillMarkers(path, readme, new Map([['head', head(remediation)]]));

type HeadFacts = Pick<Remediation, 'title' | 'handles' | 'risk' | 'global'>;

function head({ title, handles, risk, global }: HeadFacts): string {
  const controls = handles.controls.map((control) => link(control, controlPageUrl(control))).join(', ');
  const scope = global ? ' The resource is the same in every Region.' : '';
  return `# ${title}\n\nControls: ${controls}. Risk: ${risk}.${scope}`;
}
