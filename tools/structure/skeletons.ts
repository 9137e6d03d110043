/** Finds resource types, fixtures and kinds of records that are still the skeletons of `npm run new:…`. */
import { lineAt, type StructureFault } from './fault.ts';
import type { SourceFile } from './source-files.ts';

/** The beginning of the error that a step of a skeleton throws. */
export const NOT_WRITTEN = 'not written yet: ';

export const unwrittenFaults = (files: readonly SourceFile[]): StructureFault[] =>
  files
    .filter(({ path }) => /^(functions\/remediations|sandbox\/services)\//.test(path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(new RegExp(`${NOT_WRITTEN}(\\w+)`, 'g'))].map(({ index, 1: step }) => ({
        path,
        line: lineAt(text, index),
        message: path.startsWith('sandbox/')
          ? `${step} are still the guesses of npm run new:operation: compare them with AWS's pages, and delete the sentence`
          : `${step} is still that of npm run new:resource-type, which refuses to run: write it`,
      })),
    );
