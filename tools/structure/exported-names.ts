/** Checks that each exported name is defined once, so that a jump to a symbol has one answer. */
import { lineAt, type StructureFault } from './fault.ts';
import { maskText } from './mask.ts';
import { isTypeScript, type SourceFile } from './source-files.ts';

const DEFINITION =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:const|let|function\*?|class|type|interface|enum) (\w+)/gm;

/** Every Lambda function exports its entry under this name. */
const SHARED_NAMES: ReadonlySet<string> = new Set(['handler']);

export type ExportedName = { readonly name: string; readonly path: string; readonly line: number };

/** Returns where each name is exported. A type and a constant of one file count once. */
export function exportedNames(files: readonly SourceFile[]): Map<string, ExportedName[]> {
  const names = files.filter(isTypeScript).flatMap(({ path, text }) => {
    const code = maskText(text);
    const definitions = [...code.matchAll(DEFINITION)].map((match) => ({
      name: match[1]!,
      path,
      line: lineAt(code, match.index),
    }));
    return [...new Map(definitions.toReversed().map((each) => [each.name, each])).values()];
  });
  return Map.groupBy(names, ({ name }) => name);
}

export const exportedNameFaults = (files: readonly SourceFile[]): StructureFault[] =>
  [...exportedNames(files)].flatMap(([name, [first, ...others]]) =>
    SHARED_NAMES.has(name)
      ? []
      : others.map(({ path, line }) => ({
          path,
          line,
          message: `the exported name "${name}" is defined in ${first!.path}:${first!.line} too: rename one of them`,
        })),
  );
