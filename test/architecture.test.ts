import { describe, expect, it } from 'vitest';
import { LAYERS } from '../tools/layers.ts';
import { faultText } from '../tools/structure/fault.ts';
import { circleFaults, importFaults, importsOf, layerOf } from '../tools/structure/imports.ts';
import { readSourceFiles, type SourceFile } from '../tools/structure/source-files.ts';

const FILES = readSourceFiles();

const file = (path: string, ...targets: string[]): SourceFile => ({
  path,
  text: targets.map((target) => `import { x } from '${target}';\n`).join(''),
});
const faultsOf = (...files: SourceFile[]) => importFaults(files).map(faultText);

describe('the import graph', () => {
  it('keeps to the layers, has no circle, and no bundle reaches a scenario', () => {
    expect(importFaults(FILES).map(faultText)).toEqual([]);
  });
  it('leads from triage to the declarations, from others to the registry, and from there to a remediation', () => {
    const targetsOf = (path: string) =>
      importsOf(FILES)
        .filter((each) => each.path === path)
        .map(({ target }) => target);
    expect(targetsOf('functions/triage/handler.ts')).toContain('functions/remediations/declarations.generated.ts');
    expect(targetsOf('cli/catalogue/load.ts')).toContain('functions/remediations/registry.generated.ts');
    expect(targetsOf('functions/remediations/registry.generated.ts')).toContain(
      'functions/remediations/ec2/close-admin-ports/index.ts',
    );
  });
  it.each(LAYERS.map(({ folder }) => folder))('has files in the layer %s', (folder) => {
    expect(FILES.some(({ path }) => layerOf(path)?.layer.folder === folder)).toBe(true);
  });
});

/** The files that load with this one, before any dynamic import. */
function loadedWith(path: string, imports = importsOf(FILES)): ReadonlySet<string> {
  const loaded = new Set<string>();
  const open = [path];
  for (const each of open) {
    const from = FILES.find((file) => file.path === each);
    if (loaded.has(each) || !from) continue;
    loaded.add(each);
    const later = new Set([...from.text.matchAll(/\bimport\('([^']+)'\)/g)].map(([, target]) => target));
    const types = new Set([...from.text.matchAll(/^import type [^;]*? from '([^']+)'/gm)].map(([, target]) => target));
    for (const { path: importer, target, isFile } of imports) {
      if (importer !== each) continue;
      const isLater = [...later, ...types].some(
        (word) => word && (word === target || target.endsWith(word.replace(/^(\.+\/)+/, ''))),
      );
      if (isLater) continue;
      if (isFile) open.push(target);
      else loaded.add(target);
    }
  }
  return loaded;
}

describe('a program whose input is wrong', () => {
  it.each(['lab/simulate/simulate-files.ts', 'bin/start.ts', 'bin/sandbox.ts', 'tools/prove/options.ts'])(
    'loads neither SDK nor CDK nor sandbox to say so: %s',
    (path) => {
      const heavy = /^(@aws-sdk|aws-cdk-lib|sandbox\/|functions\/remediations\/\w+\/[\w-]+\/)/;
      const loaded = [...loadedWith(path)];
      expect(loaded.length).toBeGreaterThan(2);
      expect(loaded.filter((each) => heavy.test(each))).toEqual([]);
    },
  );
  it('would be found if it loaded them', () => {
    expect([...loadedWith('lab/simulate/run.ts')].filter((each) => each.startsWith('sandbox/'))).not.toEqual([]);
  });
});

describe('the check of the import graph', () => {
  it.each([
    ['an arrow back up', 'functions/domain/job.ts', '../ledger/ledger.ts', 'the layer functions/domain'],
    [
      'a core that imports another function',
      'functions/proxy/admit.ts',
      '../approvals/answer.ts',
      'the layer functions/*',
    ],
    ['a core that imports an adapter', 'functions/proxy/admit.ts', '../aws/events.ts', 'the layer functions/*'],
    ['a handler of another function', 'functions/proxy/handler.ts', '../approvals/answer.ts', 'functions/*/handler.ts'],
    [
      'a remediation that imports another one',
      'functions/remediations/ec2/close-ports/index.ts',
      '../close-admin-ports/index.ts',
      'functions/remediations/*/*',
    ],
    [
      "a remediation that imports another service's helpers",
      'functions/remediations/ec2/close-ports/index.ts',
      '../../s3/bucket.ts',
      'functions/remediations/*/*',
    ],
    ['a sandbox that imports functions', 'sandbox/kernel/clock.ts', '../../functions/domain/job.ts', 'sandbox/kernel'],
    ['an engine that imports another one', 'sandbox/wire/wire.ts', '../runtime/pool.ts', 'the layer sandbox/wire'],
    [
      "a service that imports another one's definition",
      'sandbox/services/s3/buckets.ts',
      '../kms/index.ts',
      'sandbox/services/*',
    ],
    ['a command line that imports the lab', 'cli/program.ts', '../lab/laws/prove.ts', 'the layer cli'],
    ['a package that the layer may not have', 'functions/domain/job.ts', '@aws-sdk/client-s3', 'functions/domain'],
  ])('finds %s', (_, path, target, layer) => {
    const [fault, ...others] = faultsOf(file(path, target));
    expect(fault).toMatch(new RegExp(`^${path}:1: imports `));
    expect(fault).toContain(layer);
    expect(others).toEqual([]);
  });
  it("lets a handler import its own core, and a remediation its service's helpers", () => {
    expect(faultsOf(file('functions/proxy/handler.ts', './admit.ts', '../aws/events.ts', 'node:fs'))).toEqual([]);
    expect(faultsOf(file('functions/remediations/ec2/close-ports/index.ts', '../rules.ts', 'zod'))).toEqual([]);
  });
  it('finds a circle', () => {
    const files = [file('cli/a.ts', './b.ts'), file('cli/b.ts', './c.ts'), file('cli/c.ts', './a.ts')];
    expect(circleFaults(importsOf(files)).map(faultText)).toEqual([
      'cli/c.ts:1: closes a circle of imports: cli/a.ts → cli/b.ts → cli/c.ts → cli/a.ts',
    ]);
  });
  it('finds a scenario in a bundle', () => {
    const files = [
      file('functions/remediations/ec2/close-ports/index.ts', '../rules.ts'),
      file('functions/remediations/ec2/rules.ts', '../../contract/scenario.ts'),
    ];
    expect(faultsOf(...files)).toEqual([
      'functions/remediations/ec2/rules.ts:1: is in a bundle, and imports the contract of scenarios',
    ]);
  });
  it('finds a file in no layer', () => {
    expect(faultsOf(file('functions/stray.ts', 'zod'))).toEqual([
      'functions/stray.ts:1: is in no layer: add its folder to tools/layers.ts',
    ]);
  });
});
