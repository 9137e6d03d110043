import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** A text of a remediation's template, its wrong replacement, and the compiler's message. */
type Mistake = {
  readonly file: 'index.ts' | 'scenarios.ts';
  readonly right: string;
  readonly wrong: string;
  readonly says: string;
};

const MISTAKES: Readonly<Record<string, Mistake>> = {
  'a placeholder that names no field of the target': {
    file: 'index.ts',
    right: "resources: ['arn:{partition}:ec2:{region}:{account}:security-group/{groupId}'],",
    wrong: "resources: ['arn:{partition}:ec2:{region}:{account}:security-group/{group}'],",
    says: '"{group} is not a field here"',
  },
  'a placeholder of an undo that names no field of the target': {
    file: 'index.ts',
    right: "['ec2:DeleteTags'],\n      resources: ['arn:{partition}:ec2:{region}:{account}:security-group/{groupId}'],",
    wrong: "['ec2:DeleteTags'],\n      resources: ['arn:{partition}:ec2:{region}:{account}:security-group/{group}'],",
    says: '"{group} is not a field here"',
  },
  'an action without its service': {
    file: 'index.ts',
    right: "actions: ['ec2:CreateTags'],",
    wrong: "actions: ['CreateTags'],",
    says: 'Type \'"CreateTags"\' is not assignable',
  },
  'a permission without its reason': {
    file: 'index.ts',
    right: ", because: 'EC2 takes no resource for Describe*'",
    wrong: '',
    says: "Property 'because' is missing",
  },
  'an unknown risk': {
    file: 'index.ts',
    right: "risk: 'safe'",
    wrong: "risk: 'harmless'",
    says: '"harmless"\' is not assignable to type \'"destructive" | "disruptive" | "safe"',
  },
  'an id without its service': {
    file: 'index.ts',
    right: "id: 'service/verb-thing'",
    wrong: "id: 'verb-thing'",
    says: '`${string}/${string}`',
  },
  'a client that is not declared': {
    file: 'index.ts',
    right: 'async read({ ec2, target })',
    wrong: 'async read({ iam: ec2, target })',
    says: "Property 'iam' does not exist",
  },
  'a field that the target does not have': {
    file: 'index.ts',
    right: 'const tags = await tagsOf(ec2, target.groupId);',
    wrong: 'const tags = await tagsOf(ec2, target.groupName);',
    says: "Property 'groupName' does not exist",
  },
  'a parameter that is not declared': {
    file: 'index.ts',
    right: 'params.owner',
    wrong: 'params.team',
    says: "Property 'team' does not exist",
  },
  'a state of another shape than declared': {
    file: 'index.ts',
    right: 'tags && { owner: tags.owner }',
    wrong: 'tags && { owner: 1 }',
    says: "Type 'number' is not assignable to type 'string'",
  },
  'no summary': {
    file: 'index.ts',
    right: 'summary: (_, {',
    wrong: 'says: (_: unknown, {',
    says: "'says' does not exist in type",
  },
  'an unknown outcome': {
    file: 'scenarios.ts',
    right: "'no owner is named': { expected: 'FIXED' }",
    wrong: "'no owner is named': { expected: 'SOLVED' }",
    says: '"SOLVED"\' is not assignable to type \'"COMPLIANT" | "FIXED" | "REFUSED"',
  },
  'a scenario with a parameter that is not declared': {
    file: 'scenarios.ts',
    right: "params: { owner: 'network-team' }",
    wrong: "params: { team: 'network-team' }",
    says: "'team' does not exist in type",
  },
  'a scenario with a client that is not declared': {
    file: 'scenarios.ts',
    right: 'faulty: ({ ec2 }, context)',
    wrong: 'faulty: ({ iam: ec2 }, context)',
    says: "Property 'iam' does not exist",
  },
  'a resource without its type': {
    file: 'scenarios.ts',
    right: "Type: 'AwsEc2SecurityGroup',",
    wrong: '',
    says: "Property 'Type' is missing",
  },
};

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const TEMPLATE = join(ROOT, 'tools/templates/remediation');

let folder: string;
let compilerOutput: string;
beforeAll(async () => {
  await mkdir(join(ROOT, '.build'), { recursive: true });
  folder = await mkdtemp(join(ROOT, '.build/mistakes-'));
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../../tsconfig.json', include: ['.'] }));
  await Promise.all(Object.entries(MISTAKES).map(([name, mistake]) => writeModule(name, mistake)));
  await writeModule('no mistake');
  compilerOutput = await new Promise((resolve) => {
    execFile('npx', ['tsc', '-p', folder, '--pretty', 'false'], { cwd: folder }, (_, out) => resolve(out));
  });
});
afterAll(() => rm(folder, { recursive: true }));

describe('the compiler refuses a remediation with', () => {
  it.each(Object.entries(MISTAKES))('%s', (name, { says }) => {
    const [error] = errorsIn(name);
    expect(error, 'it compiles').toContain(says);
  });
  it('no mistake is not reported', () => {
    expect(errorsIn('no mistake')).toEqual([]);
  });
});

async function writeModule(name: string, mistake?: Mistake): Promise<void> {
  const to = join(folder, hyphenated(name));
  await mkdir(to);
  for (const file of ['index.ts', 'scenarios.ts'] as const) {
    const text = await readFile(join(TEMPLATE, file), 'utf8');
    if (mistake?.file === file && !text.includes(mistake.right))
      throw new Error(`The template no longer holds ${mistake.right}`);
    await writeFile(join(to, file), mistake?.file === file ? text.replace(mistake.right, mistake.wrong) : text);
  }
}

const errorsIn = (name: string): string[] =>
  compilerOutput.split(/\n(?! )/).filter((error) => error.startsWith(`${hyphenated(name)}/`));

const hyphenated = (name: string) => name.replaceAll(' ', '-');
