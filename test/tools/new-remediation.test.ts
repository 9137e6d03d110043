import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Scenarios } from '../../functions/contract/scenario.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { type LawResult, proveRemediation } from '../../lab/laws/prove.ts';
import { type NewRemediation, unlistedControlText, validateNewRemediation } from '../../tools/new-remediation.ts';
import { copyRepository, type ProgramResult, type RepositoryCopy } from '../support/copy.ts';

const WRITTEN = ['ec2/do-this', 'registry.generated.ts', 'scenarios.generated.ts'].map(
  (path) => `functions/remediations/${path}`,
);

let copy: RepositoryCopy;
beforeAll(async () => {
  copy = await copyRepository();
});
afterAll(() => copy.remove());

const create = (...args: string[]) => copy.run('node', 'tools/new-remediation.ts', ...args);
const textOf = (path: string) => readFile(join(copy.root, 'functions/remediations', path), 'utf8');

describe('a new remediation', () => {
  let creation: ProgramResult;
  beforeAll(async () => {
    creation = await create('ec2/do-this', '--control', 'EC2.99');
  });

  it('is written, with the next steps', () => {
    expect(creation).toMatchObject({ code: 0 });
    expect(creation.out).toContain(
      "keeps every law.\nSuture's lists of controls do not have EC2.99; they lack newer ones.",
    );
    expect(creation.out).toContain('1. Make it close EC2.99 (https://docs.aws.amazon.com/');
    expect(creation.out).toContain(
      '2. Prove it after each change:\n   npm run prove -- ec2/do-this --watch\n3. Update the generated pages',
    );
  });

  it('keeps every law', async () => {
    const path = join(copy.root, 'functions/remediations/ec2/do-this/scenarios.ts');
    const scenarios: Scenarios = (await import(path)).default;
    const results: LawResult[] = [];
    for await (const result of proveRemediation(scenarios)) results.push(result);
    expect(results.length).toBeGreaterThan(Object.keys(scenarios.scenarios).length);
    expect(results.filter(({ outcome }) => outcome !== 'kept')).toEqual([]);
  });

  it('is formatted', async () => {
    const { code, out } = await copy.run('npx', 'biome', 'check', '--error-on-warnings', ...WRITTEN);
    expect(code, out).toBe(0);
  });

  it('is in the registry and in the list of scenarios, sorted by id', async () => {
    const { REMEDIATIONS: remediations } = await import(
      join(copy.root, 'functions/remediations/registry.generated.ts')
    );
    const { SCENARIOS: scenarios } = await import(join(copy.root, 'functions/remediations/scenarios.generated.ts'));
    const ids = remediations.map(({ id }: { id: string }) => id);
    expect(ids).toContain('ec2/do-this');
    expect(ids).toEqual(ids.toSorted());
    expect(scenarios.map(({ remediation }: Scenarios) => remediation.id)).toEqual(ids);
  });

  it('has a readme with a generated head', async () => {
    const readme = await textOf('ec2/do-this/readme.md');
    expect(readme).toContain(
      '# Name an owner of the security group\n\nControls: [EC2.99](https://docs.aws.amazon.com/',
    );
    expect(readme).toContain('## How to undo');
  });

  it('is never overwritten', async () => {
    const before = await textOf('ec2/do-this/index.ts');
    const again = await create('ec2/do-this', '--control', 'EC2.98');
    expect(again).toMatchObject({ code: 2, out: expect.stringContaining('exists already. Nothing was written.') });
    expect(await textOf('ec2/do-this/index.ts')).toBe(before);
  });
});

describe('a new setting', () => {
  let creation: ProgramResult;
  beforeAll(async () => {
    creation = await create('rds/set-this', '--control', 'RDS.99', '--setting', '--of', 'instance');
  });

  it('is written for a resource type of its service, and keeps every law', async () => {
    expect(creation, creation.out).toMatchObject({ code: 0 });
    expect(await textOf('rds/set-this/index.ts')).toContain('export default setting(dbInstance, {');
    const scenarios: Scenarios = (await import(join(copy.root, 'functions/remediations/rds/set-this/scenarios.ts')))
      .default;
    const results: LawResult[] = [];
    for await (const result of proveRemediation(scenarios)) results.push(result);
    expect(results.filter(({ outcome }) => outcome !== 'kept')).toEqual([]);
    expect(Object.values(scenarios.scenarios).some(({ expected }) => expected === 'FIXED')).toBe(true);
  });

  it('compiles and is formatted', async () => {
    const include = ['functions/remediations/rds/set-this'];
    expect(await copy.faultsOf(...include)).toEqual([]);
  });

  it('needs a resource type, and its name if there are several', async () => {
    expect(await create('kms/set-this', '--control', 'KMS.99', '--setting')).toMatchObject({
      code: 2,
      out: expect.stringContaining(
        'kms has no resource type yet. Begin with one and its fixture: npm run new:resource-type -- kms <type>',
      ),
    });
    expect(await create('rds/set-that', '--control', 'RDS.98', '--setting', '--of', 'nothing')).toMatchObject({
      code: 2,
      out: expect.stringMatching(
        /^--of nothing: rds has no such resource type\. rds has the resource types cluster, instance\. Name the one of rds\/set-that, such as --of /,
      ),
    });
    expect(await create('rds/set-that', '--control', 'RDS.98', '--of', 'instance')).toMatchObject({
      code: 2,
      out: expect.stringContaining('add --setting'),
    });
  });
});

it.each<[what: string, args: string[], message: string]>([
  ['no arguments', [], 'npm run new:remediation -- <service>/<verb-thing> --control <control>'],
  ['no control', ['ec2/do-that'], 'Name one remediation and one control.'],
  [
    'an unknown option',
    ['ec2/do-that', '--controls', 'EC2.98'],
    'There is no option --controls. Did you mean --control? --help lists them.',
  ],
  ['an id that leaves the folder', ['../do-that', '--control', 'EC2.98'], '"../do-that" is not <service>/<verb-thing>'],
])('exits with 2 for %s, and writes nothing', async (_, args, message) => {
  const before = await everyFile();
  expect(await create(...args)).toMatchObject({ code: 2, out: expect.stringContaining(message) });
  expect(await everyFile()).toEqual(before);
});

it.each<[what: string, wanted: NewRemediation, message: string]>([
  ['an id without a service', { id: 'do-that', control: 'EC2.98' }, '"do-that" is not <service>/<verb-thing>'],
  ['a thing without a verb', { id: 'ec2/ports', control: 'EC2.98' }, '"ec2/ports" is not <service>/<verb-thing>'],
  ['an id in capitals', { id: 'EC2/do-that', control: 'EC2.98' }, '"EC2/do-that" is not <service>/<verb-thing>'],
  [
    'an id that is too long',
    { id: `ec2/do-${'x'.repeat(39)}`, control: 'EC2.98' },
    'has 46 characters. At most 45 are allowed',
  ],
  [
    'a malformed control',
    { id: 'ec2/do-that', control: 'ec2-98' },
    '"ec2-98" is not the name of a Security Hub control',
  ],
  [
    'a control that another remediation handles',
    { id: 'ec2/do-that', control: 'EC2.13' },
    'ec2/close-admin-ports already handles EC2.13.',
  ],
  [
    'a control of another service, and says how to go on',
    { id: 'rds/do-that', control: 'S3.7' },
    'S3.7 is not a control of rds: those begin with RDS. If it is the right one (https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-7), add --other-service.',
  ],
  [
    'a control of another service for a service without remediations',
    { id: 'kinesis/do-that', control: 'S3.7' },
    'S3.7 is not a control of kinesis: those begin with Kinesis.',
  ],
  ['a folder that exists', { id: 'ec2/close-admin-ports', control: 'EC2.98' }, 'ec2/close-admin-ports exists already.'],
])('refuses %s', (_, wanted, message) => {
  expect(() => validateNewRemediation(wanted, REMEDIATIONS)).toThrow(message);
});

it('takes a control of another service with --other-service, and one that no list has with a hint', () => {
  const wanted = { id: 'rds/do-that', control: 'S3.7', isOfOtherService: true };
  expect(() => validateNewRemediation(wanted, REMEDIATIONS)).not.toThrow();
  expect(() =>
    validateNewRemediation({ id: 'documentdb/do-that', control: 'DocumentDB.9' }, REMEDIATIONS),
  ).not.toThrow();
  expect(unlistedControlText('RDS.10', REMEDIATIONS)).toBe('');
  expect(unlistedControlText('RDS.999', REMEDIATIONS)).toContain(
    'do not have RDS.999; they lack newer ones. Look whether AWS has it: https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html#rds-999',
  );
});

it('says which folder of the generated lists is gone, and that generating them helps', async () => {
  await rm(join(copy.root, 'functions/remediations/ec2/do-this'), { recursive: true });
  const refused = await create('ec2/do-that', '--control', 'EC2.99');
  expect(refused.out.trim()).toBe(
    'The generated lists name ec2/do-this, which functions/remediations does not have. Nothing was written. Run npm run generate, then this again.',
  );
  expect(refused.code).toBe(2);
  expect(await copy.run('node', 'tools/generate.ts')).toMatchObject({ code: 0 });
  expect(await create('ec2/do-that', '--control', 'EC2.99')).toMatchObject({ code: 0 });
});

async function everyFile(): Promise<string[]> {
  const files = await readdir(join(copy.root, 'functions/remediations'), { recursive: true });
  return [...files.toSorted(), await textOf('registry.generated.ts'), await textOf('scenarios.generated.ts')];
}
