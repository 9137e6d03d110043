import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Scenarios } from '../../functions/contract/scenario.ts';
import { remediations } from '../../functions/remediations/registry.generated.ts';
import { openLab } from '../../lab/laws/lab.ts';
import { LAWS, usedActions, wrongPermissions } from '../../lab/laws/laws.ts';
import { type Asked, check } from '../../tools/new-remediation.ts';
import { type Copy, copyOfRepository, type Ended } from '../support/copy.ts';

const WRITTEN = ['ec2/do-this', 'registry.generated.ts', 'scenarios.generated.ts'].map(
  (path) => `functions/remediations/${path}`,
);

let copy: Copy;
beforeAll(async () => {
  copy = await copyOfRepository();
});
afterAll(() => copy.remove());

const make = (...args: string[]) => copy.run('node', 'tools/new-remediation.ts', ...args);
const textOf = (path: string) => readFile(join(copy.root, 'functions/remediations', path), 'utf8');

describe('a new remediation', () => {
  let made: Ended;
  beforeAll(async () => {
    made = await make('ec2/do-this', '--control', 'EC2.99');
  });

  it('is written, and two things are left to do', () => {
    expect(made).toMatchObject({ code: 0 });
    expect(made.out).toContain('1. Make it close EC2.99 (https://docs.aws.amazon.com/');
    expect(made.out).toContain(
      "2. Prove it, and write the generated pages anew:\n   npm test -- test/laws -t 'ec2/do-this'",
    );
  });

  it('keeps every law at once', async () => {
    const cases: Scenarios = (await import(join(copy.root, 'functions/remediations/ec2/do-this/scenarios.ts'))).default;
    const lab = await openLab(cases);
    for (const name of Object.keys(cases.scenarios)) {
      const arranged = await lab.arrange(name);
      for (const law of LAWS) await law.prove(lab, arranged);
    }
    expect(await wrongPermissions(cases.of, usedActions(lab))).toEqual([]);
    await lab.close();
  });

  it('is formatted, and compiles', async () => {
    const only = { extends: './tsconfig.json', include: ['functions/remediations/ec2/do-this'] };
    await writeFile(join(copy.root, 'tsconfig.new.json'), JSON.stringify(only));
    const checked = await Promise.all([
      copy.run('npx', 'tsc', '-p', 'tsconfig.new.json'),
      copy.run('npx', 'biome', 'check', '--error-on-warnings', ...WRITTEN),
    ]);
    expect(checked.map(({ code, out }) => (code === 0 ? '' : out))).toEqual(['', '']);
  });

  it('stands in the registry and in the cases, by its id', async () => {
    const { remediations } = await import(join(copy.root, 'functions/remediations/registry.generated.ts'));
    const { cases } = await import(join(copy.root, 'functions/remediations/scenarios.generated.ts'));
    const ids = remediations.map(({ id }: { id: string }) => id);
    expect(ids).toContain('ec2/do-this');
    expect(ids).toEqual(ids.toSorted());
    expect(cases.map(({ of }: Scenarios) => of.id)).toEqual(ids);
  });

  it('has a readme of its own', async () => {
    const readme = await textOf('ec2/do-this/readme.md');
    expect(readme).toMatch(/^# .+ \(EC2\.99\)\n/);
    expect(readme).toContain('## How to undo');
  });

  it('is never written over', async () => {
    const before = await textOf('ec2/do-this/index.ts');
    const again = await make('ec2/do-this', '--control', 'EC2.98');
    expect(again).toMatchObject({ code: 2, out: expect.stringContaining('exists already. Nothing was written.') });
    expect(await textOf('ec2/do-this/index.ts')).toBe(before);
  });
});

it.each<[what: string, args: string[], says: string]>([
  ['nothing at all', [], 'npm run new:remediation -- <service>/<verb-thing> --control <control>'],
  ['no control', ['ec2/do-that'], 'One remediation and one control must be named.'],
  ['an unknown option', ['ec2/do-that', '--controls', 'EC2.98'], "Unknown option '--controls'"],
  ['an id that leaves the folder', ['../do-that', '--control', 'EC2.98'], '"../do-that" is not <service>/<verb-thing>'],
])('ends with 2 for %s, and writes nothing', async (_, args, says) => {
  const before = await everyFile();
  expect(await make(...args)).toMatchObject({ code: 2, out: expect.stringContaining(says) });
  expect(await everyFile()).toEqual(before);
});

it.each<[what: string, asked: Asked, says: string]>([
  ['an id without a service', { id: 'do-that', control: 'EC2.98' }, '"do-that" is not <service>/<verb-thing>'],
  ['a thing without a verb', { id: 'ec2/ports', control: 'EC2.98' }, '"ec2/ports" is not <service>/<verb-thing>'],
  ['an id in capitals', { id: 'EC2/do-that', control: 'EC2.98' }, '"EC2/do-that" is not <service>/<verb-thing>'],
  ['an id too long', { id: `ec2/do-${'x'.repeat(39)}`, control: 'EC2.98' }, 'has 46 characters. 45 is the most'],
  [
    'a control that is none',
    { id: 'ec2/do-that', control: 'ec2-98' },
    '"ec2-98" is not the name of a Security Hub control',
  ],
  [
    'a control that is handled',
    { id: 'ec2/do-that', control: 'EC2.13' },
    'EC2.13 is handled by ec2/close-admin-ports already.',
  ],
  [
    'a folder that is there',
    { id: 'ec2/close-admin-ports', control: 'EC2.98' },
    'ec2/close-admin-ports exists already.',
  ],
])('refuses %s', (_, asked, says) => {
  expect(() => check(asked, remediations)).toThrow(says);
});

async function everyFile(): Promise<string[]> {
  const files = await readdir(join(copy.root, 'functions/remediations'), { recursive: true });
  return [...files.toSorted(), await textOf('registry.generated.ts'), await textOf('scenarios.generated.ts')];
}
