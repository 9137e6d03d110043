/** Checks the import graph: imports that the layers do not allow, circles, and scenarios in bundles. */
import { dirname, join } from 'node:path/posix';
import { BUNDLE_ENTRY, LAYERS, type Layer, SCENARIO_CONTRACT } from '../layers.ts';
import { lineAt, type StructureFault } from './fault.ts';
import { maskText } from './mask.ts';
import { isTypeScript, type SourceFile } from './source-files.ts';

export type Import = {
  readonly path: string;
  readonly line: number;
  readonly target: string;
  readonly isFile: boolean;
};

const SPECIFIER = /^(?:import|export)\b[^'"`;]*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^'$]+)'\)/gm;

export const importsOf = (files: readonly SourceFile[]): Import[] =>
  files.filter(isTypeScript).flatMap(({ path, text }) => {
    // Template literals may contain the text of imports.
    const code = maskText(text, { strings: false });
    return [...code.matchAll(SPECIFIER)].map((match): Import => {
      const specifier = (match[1] ?? match[2] ?? match[3])!;
      const isFile = specifier.startsWith('.');
      return {
        path,
        line: lineAt(code, match.index),
        target: isFile ? join(dirname(path), specifier) : specifier,
        isFile,
      };
    });
  });

export function importFaults(files: readonly SourceFile[]): StructureFault[] {
  const imports = importsOf(files);
  return [...imports.flatMap(layerFaults), ...circleFaults(imports), ...bundleFaults(files, imports)];
}

/** The layer of a file. `folder` is the layer's folder with the names for which its `*` stand. */
type LayerPlace = { readonly layer: Layer; readonly folder: string };

function layerFaults({ path, line, target, isFile }: Import): StructureFault[] {
  const from = layerOf(path);
  if (!from) return [{ path, line, message: 'is in no layer: add its folder to tools/layers.ts' }];
  if (!isFile) {
    const { packages } = from.layer;
    const isAllowed = !packages || [...packages, 'node:'].some((name) => target.startsWith(name));
    return isAllowed ? [] : [{ path, line, message: `imports the package ${target}, which ${inLayer(from)} may not` }];
  }
  const to = layerOf(target);
  if (!to || !target.endsWith('.ts') || mayImport(path, from, to)) return [];
  return [{ path, line, message: `imports ${target}, which ${inLayer(from)} may not (tools/layers.ts)` }];
}

const inLayer = ({ layer }: LayerPlace) => `the layer ${layer.folder}`;

function mayImport(path: string, from: LayerPlace, to: LayerPlace): boolean {
  if (from.folder === to.folder || from.layer.imports.includes(to.layer.folder)) return true;
  return (from.layer.containing?.includes(to.layer.folder) ?? false) && path.startsWith(`${to.folder}/`);
}

/** Returns the most specific layer: a file before a folder, a longer folder before a shorter, a name before `*`. */
export function layerOf(path: string): LayerPlace | undefined {
  const places = LAYERS.flatMap((layer) => {
    const folder = folderIn(path, layer.folder.split('/'));
    return folder === undefined ? [] : [{ layer, folder }];
  });
  return places.toSorted((a, b) => specificity(b.layer.folder) - specificity(a.layer.folder))[0];
}

const specificity = (folder: string) => 10 * folder.split('/').length - folder.split('*').length + 1;

function folderIn(path: string, segments: readonly string[]): string | undefined {
  const parts = path.split('/');
  const isFile = segments.length === parts.length && segments.at(-1) === parts.at(-1);
  if (segments.length >= parts.length && !isFile) return undefined;
  const matches = segments.every((segment, n) => segment === '*' || segment === parts[n]);
  return matches ? parts.slice(0, segments.length).join('/') : undefined;
}

/** Reports each circle once, at the import that closes it. */
export function circleFaults(imports: readonly Import[]): StructureFault[] {
  const bySource = Map.groupBy(
    imports.filter(({ isFile }) => isFile),
    ({ path }) => path,
  );
  const visited = new Set<string>();
  const faults: StructureFault[] = [];
  const visit = (path: string, trail: readonly string[]) => {
    for (const { line, target } of bySource.get(path) ?? []) {
      const start = trail.indexOf(target);
      if (start >= 0) {
        const circle = [...trail.slice(start), target].join(' → ');
        faults.push({ path, line, message: `closes a circle of imports: ${circle}` });
      } else if (!visited.has(target)) visit(target, [...trail, target]);
    }
    visited.add(path);
  };
  for (const path of bySource.keys()) if (!visited.has(path)) visit(path, [path]);
  return faults;
}

function bundleFaults(files: readonly SourceFile[], imports: readonly Import[]): StructureFault[] {
  const bySource = Map.groupBy(imports, ({ path }) => path);
  const bundled = new Set(files.map(({ path }) => path).filter((path) => BUNDLE_ENTRY.test(path)));
  // A set iterates over elements that are added meanwhile.
  for (const path of bundled) for (const { target } of bySource.get(path) ?? []) bundled.add(target);
  return imports
    .filter(({ path, target }) => bundled.has(path) && target === SCENARIO_CONTRACT)
    .map(({ path, line }) => ({ path, line, message: 'is in a bundle, and imports the contract of scenarios' }));
}
