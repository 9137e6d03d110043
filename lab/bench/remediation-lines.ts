/** The lines of each remediation in this repository, and its form. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDER = join(ROOT, 'functions/remediations');

/** The forms of `functions/remediations/README.md`. */
export type RemediationForm = 'setting' | 'family' | 'own';

export type RemediationLines = {
  readonly id: string;
  readonly form: RemediationForm;
  readonly controls: readonly string[];
  readonly lines: number;
  readonly scenarioLines: number;
};

export const readRemediationLines = (): RemediationLines[] =>
  globSync('*/*/index.ts', { cwd: FOLDER })
    .map((path) => path.replaceAll('\\', '/').replace('/index.ts', ''))
    .sort()
    .map((id) => {
      const index = readFileSync(join(FOLDER, id, 'index.ts'), 'utf8');
      return {
        id,
        form: formOf(index),
        controls: REMEDIATIONS.find((each) => each.id === id)?.handles.controls ?? [],
        lines: lineCount(index),
        scenarioLines: lineCount(readFileSync(join(FOLDER, id, 'scenarios.ts'), 'utf8')),
      };
    });

/** Returns `family` if a helper of the service or of the kit makes the remediation. */
export function formOf(index: string): RemediationForm {
  if (/\bdefineRemediation\(/.test(index)) return 'own';
  return /\bsetting\(/.test(index) ? 'setting' : 'family';
}

/** Excludes generated files. */
export const linesBelow = (...folders: readonly string[]): number =>
  folders
    .flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: ROOT, exclude: ['**/*.generated.ts', '**/dist/**'] }))
    .reduce((sum, path) => sum + lineCount(readFileSync(join(ROOT, path), 'utf8')), 0);

const lineCount = (text: string): number => text.trimEnd().split('\n').length;
