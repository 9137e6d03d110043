import { lineAt, type StructureFault } from './fault.ts';
import { maskText } from './mask.ts';
import { isTypeScript, type SourceFile } from './source-files.ts';

const TEST = /^\s*test(?:\.\w+)*(?:\(|`)/gm;

export const testFileFaults = (files: readonly SourceFile[]): StructureFault[] =>
  files
    .filter((file) => isTypeScript(file) && file.path.startsWith('test/'))
    .flatMap(({ path, text }) => {
      const code = maskText(text);
      return [...code.matchAll(TEST)].map((match) => ({
        path,
        line: lineAt(code, match.index + match[0].search(/\S/)),
        message: 'declares a test by "test": use "it"',
      }));
    });
