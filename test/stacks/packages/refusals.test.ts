import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeOf } from '../../../stacks/packages/code.ts';
import { CONTRACT_VERSION, isCompatibleContract } from '../../../stacks/packages/contract-version.ts';
import { findPackages } from '../../../stacks/packages/remediation-package.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const MANIFEST = { type: 'module', suture: { namespace: 'team', contract: CONTRACT_VERSION } };

let temporary: string;
beforeAll(async () => {
  temporary = await realpath(await mkdtemp(join(tmpdir(), 'suture-packages-')));
});
afterAll(() => rm(temporary, { recursive: true }));

/** Writes a package with these files, and returns its folder. */
async function packageWith(name: string, files: Readonly<Record<string, string>>, manifest: unknown = MANIFEST) {
  const folder = join(temporary, name);
  const texts = { 'package.json': JSON.stringify(manifest), ...files };
  for (const [path, text] of Object.entries(texts)) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

/** @param imports lines at the start of index.ts */
const module = (id: string, imports = ''): Record<string, string> => ({
  [`remediations/${id}/index.ts`]: `${imports}export default { id: '${id}' };\n`,
  [`remediations/${id}/scenarios.ts`]: "import own from './index.ts';\nexport default { remediation: own };\n",
  [`remediations/${id}/readme.md`]: '# Own',
});

const problemsOf = (...given: string[]): string => {
  try {
    findPackages(given);
    return 'none';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('a package', () => {
  it('is found with its remediations, by their folders', async () => {
    const folder = await packageWith('sound', { ...module('team-sqs/do-this'), ...module('team-sqs/do-that') });
    const [found] = findPackages([folder]);
    expect(found).toMatchObject({ given: folder, directory: folder, namespace: 'team' });
    expect(found!.modules.map(({ id }) => id)).toEqual(['team-sqs/do-that', 'team-sqs/do-this']);
  });

  it('is refused if it does not exist', () => {
    expect(problemsOf('../no-such-fixes')).toContain('../no-such-fixes: there is no folder /');
    expect(problemsOf('../no-such-fixes')).toContain('npm run new:package -- ../no-such-fixes');
    expect(problemsOf('@example/no-fixes')).toContain(
      '@example/no-fixes: it is not installed. Install it (npm install @example/no-fixes)',
    );
  });

  it('is not a link, a file, or a folder around this repository', async () => {
    const folder = await packageWith('linked', module('team-sqs/do-this'));
    const link = join(temporary, 'link');
    await symlink(folder, link);
    expect(problemsOf(link)).toMatch(/link is a symbolic link\. Name the folder itself in cdk\.json: ".*linked"/);
    expect(problemsOf(join(folder, 'package.json'))).toContain('is a file. Name the folder');
    expect(problemsOf('..')).toContain('contains this repository');
  });

  it('has no links inside', async () => {
    const folder = await packageWith('inner-link', module('team-sqs/do-this'));
    await symlink('/etc/hostname', join(folder, 'remediations/team-sqs/helper.ts'));
    expect(problemsOf(folder)).toContain('remediations/team-sqs/helper.ts is a symbolic link. Put the file itself');
  });

  it.each<[what: string, manifest: unknown, message: string]>([
    ['no namespace and contract', { type: 'module' }, 'suture is missing: it needs { "namespace": "example"'],
    ['another module system', { ...MANIFEST, type: 'commonjs' }, 'type is "commonjs", which is not "module"'],
    [
      'a namespace in capitals',
      { ...MANIFEST, suture: { ...MANIFEST.suture, namespace: 'Team' } },
      'suture.namespace is "Team", which needs 2 to 12 lower-case letters',
    ],
    [
      'a namespace that is a service',
      { ...MANIFEST, suture: { ...MANIFEST.suture, namespace: 'ec2' } },
      'suture.namespace is "ec2", which is a service of Suture',
    ],
    [
      'a contract of the future',
      { ...MANIFEST, suture: { ...MANIFEST.suture, contract: '9.0.0' } },
      `suture.contract is "9.0.0", but the contract has version ${CONTRACT_VERSION} here`,
    ],
    [
      'a contract that is no version',
      { ...MANIFEST, suture: { ...MANIFEST.suture, contract: 'latest' } },
      'suture.contract is "latest", which is not a version',
    ],
  ])('is refused with %s', async (what, manifest, message) => {
    const folder = await packageWith(what.replaceAll(' ', '-'), module('team-sqs/do-this'), manifest);
    expect(problemsOf(folder)).toContain(`${folder}/package.json: ${message}`);
  });

  it('is refused without package.json, and with one that is not JSON', async () => {
    const folder = await packageWith('broken-manifest', { 'package.json': '{' });
    expect(problemsOf(folder)).toContain('package.json: is not JSON');
    await rm(join(folder, 'package.json'));
    expect(problemsOf(folder)).toContain('package.json: there is no such file');
  });

  it('has remediations below its namespace, each with scenarios and a readme', async () => {
    const others = { ...module('sqs/do-this'), ...module('other-sqs/do-this'), ...module('team-sqs/this') };
    const { 'remediations/team-sns/do-this/scenarios.ts': _, ...lacking } = module('team-sns/do-this');
    const folder = await packageWith('misnamed', { ...others, ...lacking, ...module(`team-sqs/do-${'x'.repeat(40)}`) });
    const text = problemsOf(folder);
    for (const id of ['sqs/do-this', 'other-sqs/do-this', 'team-sqs/this'])
      expect(text).toContain(`remediations/${id} is not remediations/team-<service>/<verb-thing>`);
    expect(text).toContain('remediations/team-sns/do-this/scenarios.ts is missing');
    expect(text).toContain('has 52 characters after remediations/. At most 45');
    expect(text).toContain('have 5 problems.');
    expect(problemsOf(await packageWith('empty', {}))).toContain('has no remediation. Each is a folder');
  });

  it('shares its namespace with no other, and is named once', async () => {
    const [a, b] = [
      await packageWith('first', module('team-sqs/do-this')),
      await packageWith('second', module('team-sqs/do-that')),
    ];
    expect(problemsOf(a, b)).toContain(`suture.namespace is "team", which ${a} has already`);
    expect(problemsOf(a, a)).toContain('is named twice');
  });
});

it.each([
  ['0.1.0', '0.1.3', true],
  ['0.1.3', '0.1.0', false],
  ['0.1.0', '0.2.0', false],
  ['1.1.0', '1.2.0', true],
  ['1.3.0', '1.2.9', false],
  ['1.2.0', '2.2.0', false],
])('a package for contract %s works with %s: %s', (written, current, expected) => {
  expect(isCompatibleContract(written, current)).toBe(expected);
});

describe('the code of a remediation', () => {
  const codeIn = async (folder: string) => {
    const [found] = findPackages([folder]);
    return codeOf(found!, found!.modules[0]!);
  };

  it('has a hash of each file that it reaches, and of no other', async () => {
    const folder = await packageWith('hashed', {
      ...module('team-sqs/do-this', "import { helper } from '../helper.ts';\nhelper();\n"),
      'remediations/team-sqs/helper.ts': 'export const helper = () => 1;\n',
      'remediations/team-sqs/unused.ts': 'export const unused = 1;\n',
    });
    const before = await codeIn(folder);
    expect(before).toMatchObject({ hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    await writeFile(join(folder, 'remediations/team-sqs/unused.ts'), 'export const unused = 2;\n');
    expect(await codeIn(folder)).toEqual(before);
    await writeFile(join(folder, 'remediations/team-sqs/helper.ts'), 'export const helper = () => 2;\n');
    expect(await codeIn(folder)).not.toEqual(before);
  });

  it.each<[what: string, imports: string, message: RegExp]>([
    ['a syntax error', 'const const = 1;\n', /do-this\/index\.ts:1:7: Expected identifier but found "const"/],
    [
      'a package of its own',
      "import 'lodash';\n",
      /index\.ts:1:8: imports "lodash"\. A remediation may import @suture/,
    ],
    ["Suture's insides", "import '@suture/contract/is-equal';\n", /imports "@suture\/contract\/is-equal"/],
    ['a file elsewhere', "import '../../../../sound/package.json';\n", /which is outside of the package/],
    ['a file that is missing', "import './nothing.ts';\n", /Could not resolve "\.\/nothing\.ts"/],
  ])('is refused with %s', async (what, imports, message) => {
    const folder = await packageWith(`code-${what.replaceAll(/\W/g, '-')}`, module('team-sqs/do-this', imports));
    expect((await codeIn(folder)).problems?.join('\n')).toMatch(message);
  });
});

/** Node's hooks do not reach modules that Vitest loads, so another process checks the package. */
function checkInNode(folder: string): Promise<string> {
  const script = `import { checkedPackages } from './stacks/packages/check.ts';
await checkedPackages([${JSON.stringify(folder)}]).then(() => console.log('sound'), ({ message }) => console.log(message));`;
  return new Promise((resolve) =>
    execFile(process.execPath, ['--input-type=module', '-e', script], { cwd: ROOT }, (_, out, error) =>
      resolve(out + error),
    ),
  );
}

describe('the facts of a remediation', () => {
  const remediation = (id: string, facts: string) => ({
    ...module(id),
    [`remediations/${id}/index.ts`]: `import { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { arn, defineRemediation } from '@suture/contract/remediation';

const QUEUE = 'arn:{partition}:sqs:{region}:{account}:{queue}';
const read = { actions: ['sqs:GetQueueAttributes'], resources: [QUEUE], because: 'reads it' };
const write = { actions: ['sqs:SetQueueAttributes'], resources: [QUEUE], because: 'changes it' };

export default defineRemediation({
  id: '${id}', title: 'Change a queue', risk: 'safe', handles: { controls: ['SQS.99'] },
  target: arn('AwsSqsQueue', QUEUE), params: z.strictObject({}), state: z.strictObject({}),
  reads: [read], writes: [write], clients: { sqs: SQSClient }, ${facts}
} as any).by({ read: async () => ({}), want: (state) => state, write: async () => {}, summary: () => '' } as any);
`,
  });

  it("are checked like those of Suture's own", async () => {
    const folder = await packageWith('facts', {
      ...remediation('team-a/handle-controls', "handles: { controls: ['EC2.13', 'sqs-1'] }"),
      ...remediation('team-b/handle-again', "handles: { controls: ['SQS.98'] }"),
      ...remediation('team-c/handle-again', "handles: { controls: ['SQS.98'] }"),
      ...remediation('team-d/write-anything', "writes: [{ ...write, resources: ['*'] }]"),
      ...remediation('team-e/name-actions', "reads: [{ ...read, actions: ['sqs:*'] }]"),
      ...remediation('team-f/read-only', 'reads: [write]'),
      ...remediation('team-g/need-parameters', 'params: z.strictObject({ key: z.string() })'),
      ...remediation('team-h/be-itself', "id: 'team-h/be-another'"),
    });
    const text = await checkInNode(folder);
    const problem = (id: string, message: string) => `${folder}/remediations/${id}/index.ts: ${message}`;
    for (const line of [
      problem('team-a/handle-controls', 'team-a/handle-controls and ec2/close-admin-ports both handle EC2.13'),
      problem('team-a/handle-controls', '"sqs-1" is not the name of a Security Hub control'),
      problem('team-c/handle-again', 'team-c/handle-again and team-b/handle-again both handle SQS.98'),
      problem('team-d/write-anything', 'sqs:SetQueueAttributes is declared on "*", which the target does not limit'),
      problem('team-e/name-actions', '"sqs:*" is not an action of IAM'),
      problem('team-f/read-only', 'sqs:SetQueueAttributes writes, but is among the reads'),
      problem('team-g/need-parameters', 'controlParams lacks key'),
      problem('team-g/need-parameters', 'a parameter has no default'),
      problem('team-h/be-itself', 'the id is "team-h/be-another", not that of its folder'),
    ])
      expect(text).toContain(line);
  });

  it('come from modules that load, with scenarios of their own', async () => {
    const folder = await packageWith('loading', {
      ...module('team-a/throw-this', "throw new Error('at start');\n"),
      ...module('team-b/export-nothing'),
      'remediations/team-b/export-nothing/index.ts': 'export const nothing = 1;\n',
      'remediations/team-b/export-nothing/scenarios.ts': 'export default {};\n',
      ...module('team-c/lack-clients', "import { GlueClient } from '@aws-sdk/client-no-such-service';\nGlueClient;\n"),
      ...module('team-d/take-others'),
      'remediations/team-d/take-others/scenarios.ts': 'export default { remediation: {} };\n',
    });
    const text = await checkInNode(folder);
    expect(text).toContain('team-a/throw-this/index.ts: cannot be loaded: at start');
    expect(text).toContain('team-b/export-nothing/index.ts: has no default export');
    expect(text).toContain(
      'imports @aws-sdk/client-no-such-service, which is not installed in this repository. Install it: npm install',
    );
    expect(text).toContain('team-d/take-others/scenarios.ts: the scenarios are not of this remediation');
  });

  it('are not enough without a proof', async () => {
    const folder = await packageWith('unproven', remediation('team-a/change-queue', ''));
    expect(await checkInNode(folder)).toContain(
      `${folder}: team-a/change-queue has no proof. Prove it: npm run prove -- team-a/change-queue`,
    );
    const proof = { remediation: 'team-a/change-queue', contract: '0.0.1', code: '0' };
    await writeFile(join(folder, 'remediations/team-a/change-queue/proof.json'), JSON.stringify(proof));
    expect(await checkInNode(folder)).toContain('was proven against version 0.0.1 of the contract');
  });
});
