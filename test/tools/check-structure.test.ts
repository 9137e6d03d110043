import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { Remediation } from '../../functions/contract/remediation.ts';
import closeAdminPorts from '../../functions/remediations/ec2/close-admin-ports/index.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { structureFaults } from '../../tools/check-structure.ts';
import { unknownProperty } from '../../tools/cloudformation-types.ts';
import { faultText } from '../../tools/structure/fault.ts';
import { loadExportedWords } from '../../tools/structure/infrastructure-names.ts';
import { readSourceFiles, type SourceFile } from '../../tools/structure/source-files.ts';

const FOLDER = 'functions/remediations/ec2/close-admin-ports';
const ALL_FILES = readSourceFiles();
/** Tests change these files of one remediation to plant faults. */
const FILES = ALL_FILES.filter(({ path }) => path.startsWith(FOLDER));

const faultsOf = (files: readonly SourceFile[], remediations: readonly Remediation[] = []): string[] =>
  structureFaults(files, remediations).map(faultText);
const faultsAfter = (name: string, change: (text: string) => string): string[] =>
  faultsOf(
    FILES.map(({ path, text }) => ({ path, text: path === `${FOLDER}/${name}` ? change(text) : text })),
    [closeAdminPorts],
  );
const faultsOfFacts = (facts: object): string[] =>
  faultsOf(FILES, [...REMEDIATIONS.filter(({ id }) => id !== closeAdminPorts.id), { ...closeAdminPorts, ...facts }]);

it('finds no fault in this repository', async () => {
  const words = await loadExportedWords(ALL_FILES);
  expect(words.length).toBeGreaterThan(20);
  expect(structureFaults(ALL_FILES, REMEDIATIONS, words).map(faultText)).toEqual([]);
});

describe("CloudFormation's name of an attribute", () => {
  const PATH = 'functions/remediations/rds/instance.ts';
  const [instanceFile] = ALL_FILES.filter(({ path }) => path === PATH);
  const faultsOfAttribute = (attribute: string, cloudFormation?: string | null): string[] => {
    const text = instanceFile!.text.replace('attributes: {', `attributes: {\n    ${attribute}: { type: z.boolean() },`);
    const attributes = { [attribute]: { cloudFormation, terraform: 'some_argument' } };
    const words = { cloudFormation: 'AWS::RDS::DBInstance', terraform: 'aws_db_instance', attributes };
    return structureFaults([{ path: PATH, text }], [], [{ path: PATH, words: [words] }]).map(faultText);
  };

  it('is its own name by default, and a property that the type has', () => {
    expect(faultsOfAttribute('DeletionProtection')).toEqual([]);
    expect(faultsOfAttribute('IAMDatabaseAuthenticationEnabled')).toEqual([
      expect.stringMatching(
        /^functions\/remediations\/rds\/instance\.ts:\d+: the attribute IAMDatabaseAuthenticationEnabled names a property that AWS::RDS::DBInstance does not have: IAMDatabaseAuthenticationEnabled\. The nearest: EnableIAMDatabaseAuthentication, /,
      ),
    ]);
    const [, line] = faultsOfAttribute('IAMDatabaseAuthenticationEnabled')[0]!.split(':');
    expect(instanceFile!.text.split('\n')[Number(line) - 2]).toContain('attributes: {');
  });
  it('may be another property, or null if there is none', () => {
    expect(faultsOfAttribute('IAMDatabaseAuthenticationEnabled', 'EnableIAMDatabaseAuthentication')).toEqual([]);
    expect(faultsOfAttribute('IAMDatabaseAuthenticationEnabled', null)).toEqual([]);
    expect(faultsOfAttribute('DeletionProtection', 'DeletionProtecton').join()).toContain(
      'does not have: DeletionProtecton. The nearest: DeletionProtection',
    );
  });
  it('is in an object that is exported', () => {
    const [fault] = structureFaults([instanceFile!], [], [{ path: PATH, words: [] }]).map(faultText);
    expect(fault).toMatch(
      /:\d+: export the object that names AWS::RDS::DBInstance, so that its properties are checked$/,
    );
  });
  it.each([
    ['AWS::DynamoDB::Table', 'PointInTimeRecoverySpecification.RecoveryPeriodInDays', undefined],
    ['AWS::DynamoDB::Table', 'PointInTimeRecoverySpecification.RecoveryPeriodDays', 'RecoveryPeriodInDays'],
    ['AWS::S3::Bucket', 'OwnershipControls.Rules.ObjectOwnership', undefined],
    ['AWS::S3::Bucket', 'OwnershipControls.Rules.Ownership', 'ObjectOwnership'],
    ['AWS::ElasticLoadBalancingV2::LoadBalancer', 'LoadBalancerAttributes[idle_timeout.timeout_seconds]', undefined],
    ['AWS::S3::Bucket', 'OwnershipControls[a]', 'Rules'],
  ])('of %s is looked up inside of properties: %s', (type, path, nearest) => {
    expect(unknownProperty(type, path)?.likeliest[0]).toBe(nearest);
  });
});

describe('a remediation', () => {
  it('needs the id of its folder', () => {
    const [fault] = faultsAfter('index.ts', (text) => text.replace(/^ {2}id: .*$/m, "  id: 'ec2/other-name',"));
    expect(fault).toMatch(/index\.ts:\d+: the id is "ec2\/other-name", not that of its folder/);
  });
  it('has at most 60 lines', () => {
    const [fault] = faultsAfter('index.ts', (text) => text + '// more\n'.repeat(60));
    expect(fault).toMatch(/index\.ts:61: has \d+ lines\. 60 is the most/);
  });
  it('has at most 120 columns, which the formatter enforces', () => {
    const [fault] = faultsAfter('index.ts', (text) => `${text}// ${'x'.repeat(120)}\n`);
    expect(fault).toMatch(/index\.ts:\d+: has 123 columns\. 120 is the most\. Run: npm run format/);
  });
  it("needs the link to AWS's page of its controls", () => {
    const [fault] = faultsAfter('index.ts', (text) => text.replace(/https:\S+/, 'https://example.com'));
    expect(fault).toContain('the first comment needs a link to https://docs.aws.amazon.com/');
  });
  it('needs each heading of the readme, with text below it', () => {
    const [fault] = faultsAfter('readme.md', (text) => text.replace(/## How to undo[\s\S]*/, '## How to undo\n'));
    expect(fault).toMatch(/readme\.md:\d+: needs the heading "## How to undo" with text below it/);
  });
  it.each([
    ['readme.md', 'tools/templates/remediation/readme.md'],
    ['readme.md', 'tools/templates/setting/readme.md'],
    ['index.ts', 'tools/templates/remediation/index.ts'],
    ['index.ts', 'tools/new-setting.ts'],
  ])('is no longer the example: its %s is not that of %s', async (name, skeleton) => {
    const text = await readFile(skeleton, 'utf8');
    expect(faultsAfter(name, () => text).join('\n')).toMatch(
      /:\d+: is still the example of npm run new:remediation: write your own, and delete the line "An example: …"/,
    );
  });
  it('needs a readme and scenarios', () => {
    const faults = faultsOf(FILES.filter(({ path }) => path === `${FOLDER}/index.ts`));
    expect(faults).toContain(`${FOLDER}/readme.md:1: is missing: each remediation has this file`);
    expect(faults).toContain(`${FOLDER}/scenarios.ts:1: is missing: each remediation has this file`);
  });
  it('has its own scenarios', () => {
    const [fault] = faultsAfter('scenarios.ts', (text) => text.replace("'./index.ts'", "'../other/index.ts'"));
    expect(fault).toContain('scenarios.ts:1: defines no scenarios of its own remediation');
  });
  it.each<[what: string, facts: object, message: string]>([
    ['a title without a full stop', { title: 'Close SSH.' }, 'the title "Close SSH." needs a capital, no full stop'],
    ['a known risk', { risk: 'low' }, 'the risk is "low", not one of safe, disruptive, destructive'],
    ['at least one control', { handles: { controls: [] } }, 'handles no control'],
    [
      'well-formed controls',
      { handles: { controls: ['ec2-13'] } },
      '"ec2-13" is not the name of a Security Hub control',
    ],
    [
      'controls that no other remediation handles',
      { handles: { controls: ['S3.8'] } },
      'ec2/close-admin-ports and s3/block-bucket-public-access both handle S3.8: each control has one remediation. Take it out',
    ],
    [
      'a reason for each permission',
      { reads: [{ actions: ['ec2:DescribeTags'], resources: ['*'], because: ' ' }] },
      'the permission for ec2:DescribeTags needs a because',
    ],
    ['parameters with defaults', { params: z.strictObject({ days: z.int() }) }, 'a parameter has no default'],
    [
      'parameters that say what the control requires',
      { params: z.strictObject({ days: z.int().default(1) }) },
      'controlParams lacks days',
    ],
  ])('needs %s', (_, facts, message) => {
    expect(faultsOfFacts(facts).join('\n')).toContain(message);
  });
  it('needs names that fit Lambda and IAM', () => {
    expect(faultsOfFacts({ id: `ec2/close-${'x'.repeat(60)}` }).join('\n')).toContain('characters. 64 is the most');
  });
});

describe('a constant', () => {
  it.each([
    ['a number', 'const limit = 5;'],
    ['a text', "export const name = 'x';"],
    ['a list with a type', 'const names: readonly string[] = [];'],
    ['a table', 'export const table: Readonly<Record<string, number>> = {\n  a: 1,\n};'],
    ['a Set', 'const known = new Set<string>();'],
    ['a RegExp', 'const pattern = /a{2}/g;'],
  ])('that is %s is UPPER_CASE', (_, text) => {
    const faults = faultsOf([{ path: 'cli/planted.ts', text: `\n${text}\n` }]);
    expect(faults.filter((fault) => fault.startsWith('cli/planted.ts:2: the constant '))).toHaveLength(1);
  });
  it.each([
    ['a function', 'const double = (n: number) => 2 * n;'],
    ['an object of functions', 'const plantedOperations = {\n  run(a: string) {\n    return a;\n  },\n};'],
    ['a schema', 'const Planted = z.object({ a: z.string() });'],
    ['the result of a call', "const client = create('x');"],
    ['in a template', 'const text = (a: string) => `\nconst limit = 5;\n`;'],
  ])('that is %s may have another casing', (_, text) => {
    expect(faultsOf([{ path: 'cli/planted.ts', text: `${text}\n` }])).toEqual([]);
  });
  it('that is a function is not UPPER_CASE', () => {
    const [fault] = faultsOf([{ path: 'cli/planted.ts', text: 'const DOUBLE = (n: number) => 2 * n;\n' }]);
    expect(fault).toBe('cli/planted.ts:1: "DOUBLE" is a function: name it in camelCase');
  });
});

it('finds an exported name that is defined twice', () => {
  const text = '\nexport const PLANTED = [];\n';
  expect(
    faultsOf([
      { path: 'cli/one.ts', text },
      { path: 'tools/two.ts', text },
    ]),
  ).toEqual(['tools/two.ts:2: the exported name "PLANTED" is defined in cli/one.ts:2 too: rename one of them']);
});

it('finds a test that is declared by "test"', () => {
  const text = "import { test } from 'vitest';\n\ntest.each([1])('is %d', () => {});\n";
  expect(faultsOf([{ path: 'test/planted.test.ts', text }])).toEqual([
    'test/planted.test.ts:3: declares a test by "test": use "it"',
  ]);
});
