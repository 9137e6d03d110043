import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cloudFormationFacts, resourceTypeFacts } from '../../tools/resource-type-facts.ts';
import { infrastructureNameFaults } from '../../tools/structure/infrastructure-names.ts';
import { unwrittenFaults } from '../../tools/structure/skeletons.ts';
import { copyRepository, type ProgramResult, type RepositoryCopy } from '../support/copy.ts';

const FOLDER = 'functions/remediations';

let copy: RepositoryCopy;
beforeAll(async () => {
  copy = await copyRepository();
});
afterAll(() => copy.remove());

const create = (...args: string[]) => copy.run('node', 'tools/new-resource-type.ts', ...args);
const textOf = (path: string) => readFile(join(copy.root, FOLDER, path), 'utf8');

describe('a new resource type', () => {
  let creations: ProgramResult[];
  beforeAll(async () => {
    creations = [await create('redshift', 'snapshot'), await create('ram', 'resource-share', '--name', 'share')];
  });

  it('is written with what IAM and the SDK know of it, and says what is left', async () => {
    expect(creations).toMatchObject([{ code: 0 }, { code: 0 }]);
    expect(creations[0]!.out).toContain('Writes of it: redshift:ModifyClusterSnapshot');
    expect(creations[0]!.out).toContain(
      'new:remediation -- redshift/<verb-thing> --control <control> --setting --of snapshot',
    );
    const text = await textOf('redshift/snapshot.ts');
    expect(text).toContain("'arn:{partition}:redshift:{region}:{account}:snapshot:{clusterName}/{snapshot}'");
    expect(text).toContain('clients: { redshift: RedshiftClient }');
    expect(text).toContain("actions: ['redshift:ModifyClusterSnapshot']");
  });

  it('has a fixture beside those of its service, or in a new file', async () => {
    const fixtures = await textOf('redshift/fixtures.ts');
    expect(fixtures).toContain('export const redshiftSnapshotFixture = resourceFixture(redshiftSnapshot, {');
    expect(fixtures.match(/\bresourceFixture\b[^(]* from /g)).toHaveLength(1);
    expect(await textOf('ram/fixtures.ts')).toContain("import { ramShare } from './share.ts';");
  });

  it('compiles and is formatted', async () => {
    const include = ['redshift', 'ram'].map((service) => `${FOLDER}/${service}`);
    expect(await copy.faultsOf(...include)).toEqual([]);
  });

  it('is found by the first setting, whose proof fails plainly until it is written', async () => {
    const setting = ['redshift/hold-this', '--control', 'Redshift.99', '--setting', '--of', 'snapshot'];
    const { code, out } = await copy.run('node', 'tools/new-remediation.ts', ...setting);
    expect(code, out).toBe(0);
    const files = ['fixtures.ts', 'snapshot.ts'].map((file) => `${FOLDER}/redshift/${file}`);
    expect(out).toContain(`keeps no law until ${files.join(' and ')} are written`);
    const proof = await copy.run('node', 'tools/prove.ts', 'redshift/hold-this');
    expect(proof.code).toBe(1);
    expect(proof.out).toContain(`not written yet: create of redshiftSnapshotFixture, in ${files[0]}`);
    expect(proof.out).not.toContain('    at ');
  });

  it('is a fault of the structure until it is written', async () => {
    const files = ['redshift/snapshot.ts', 'redshift/fixtures.ts', 'redshift/cluster.ts'].map(async (path) => ({
      path: `${FOLDER}/${path}`,
      text: await textOf(path),
    }));
    const found = unwrittenFaults(await Promise.all(files));
    expect(found.map(({ path, message }) => `${path} ${message.split(' ')[0]}`)).toEqual([
      `${FOLDER}/redshift/snapshot.ts find`,
      `${FOLDER}/redshift/snapshot.ts change`,
      `${FOLDER}/redshift/fixtures.ts create`,
    ]);
  });
});

it('a service without a builder needs none: the proof makes its town of the faulty resource', async () => {
  const builders = join(copy.root, 'lab/laws/town/builders.ts');
  const text = await readFile(builders, 'utf8');
  await writeFile(builders, text.replace('  efs: buildEfs,\n', ''));
  const proof = await copy.run('node', 'tools/prove.ts', 'efs/back-up-file-systems');
  await writeFile(builders, text);
  expect(proof).toMatchObject({ code: 0, out: expect.stringMatching(/✓ All \d+ laws hold/) });
});

describe('names in CloudFormation and Terraform', () => {
  it('are those of a type that exists, and a guess where none does', () => {
    expect(cloudFormationFacts(['elasticfilesystem', 'EFS'], 'file-system')).toMatchObject({
      type: 'AWS::EFS::FileSystem',
      properties: expect.arrayContaining(['BackupPolicy', 'Encrypted']),
    });
    expect(cloudFormationFacts(['redshift'], 'snapshots-schedule')).toEqual({
      type: undefined,
      others: expect.arrayContaining(['AWS::Redshift::SnapshotSchedule']),
      properties: [],
    });
  });

  it('are faults of the structure while they are guesses, or no types', () => {
    const text = `cloudFormation: 'AWS::Redshift::SnapshotCopies',\nterraform: 'not checked: aws_redshift_snapshot',`;
    const faults = infrastructureNameFaults([{ path: `${FOLDER}/redshift/snapshot.ts`, text }]);
    expect(faults.map(({ line, message }) => [line, message])).toEqual([
      [2, expect.stringMatching(/terraform is a guess, "aws_redshift_snapshot": look it up at https:/)],
      [
        1,
        expect.stringContaining(
          'CloudFormation has no type AWS::Redshift::SnapshotCopies. The nearest: AWS::Redshift::',
        ),
      ],
    ]);
    const right = text.replace('SnapshotCopies', 'ClusterParameterGroup').replace('not checked: ', '');
    expect(infrastructureNameFaults([{ path: `${FOLDER}/redshift/snapshot.ts`, text: right }])).toEqual([]);
  });
});

it.each<[what: string, args: string[], message: string]>([
  ['no arguments', [], 'Name one service and one resource type. Nothing was written.'],
  ['a file that exists', ['redshift', 'cluster'], 'functions/remediations/redshift/cluster.ts exists already.'],
  ['a type that IAM does not have', ['redshift', 'snapshott'], 'did you mean snapshot?'],
  ['a client that is not installed', ['rds2', 'db'], 'npm install --save-exact @aws-sdk/client-rds2'],
  ['a name that leaves the folder', ['redshift', 'snapshot', '--name', '../x'], '"../x" is not the name of a file'],
  ['an unknown option', ['redshift', 'snapshot', '--force'], 'There is no option --force. --help lists them.'],
])('refuses %s, and writes nothing', async (_, args, message) => {
  const files = [`${FOLDER}/redshift/cluster.ts`, `${FOLDER}/redshift/fixtures.ts`];
  const before = await copy.run('git', 'hash-object', ...files);
  expect(await create(...args)).toMatchObject({ code: 2, out: expect.stringContaining(message) });
  expect(await copy.run('git', 'hash-object', ...files)).toEqual(before);
});

it('takes the name of a finding from Security Hub, and a type that IAM names in the plural', async () => {
  expect(await resourceTypeFacts('mq', 'broker', 'broker')).toMatchObject({
    findingType: 'AwsAmazonMqBroker',
    isKnownFindingType: true,
    arn: 'arn:{partition}:mq:{region}:{account}:broker:{brokerName}:{broker}',
    writes: expect.arrayContaining(['mq:UpdateBroker']),
  });
});

it('proposes the actions on the type itself before shorter ones of what is in it', async () => {
  const { reads, writes } = await resourceTypeFacts('athena', 'workgroup', 'work-group');
  expect([reads[0], writes[0]]).toEqual(['athena:GetWorkGroup', 'athena:UpdateWorkGroup']);
});
