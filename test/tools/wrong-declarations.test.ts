import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyRepository, type ProgramResult, type RepositoryCopy } from '../support/copy.ts';

const ID = 'rds/protect-instances';
const FOLDER = `functions/remediations/${ID}`;

let copy: RepositoryCopy;
beforeAll(async () => {
  copy = await copyRepository();
});
afterAll(() => copy.remove());

/** Runs a tool while one file of the remediation has other text. */
async function runWith(name: string, from: string, to: string, ...args: string[]): Promise<ProgramResult> {
  const file = join(copy.root, FOLDER, name);
  const text = await readFile(file, 'utf8');
  expect(text).toContain(from);
  await writeFile(file, text.replace(from, to));
  try {
    return await copy.run('node', ...args);
  } finally {
    await writeFile(file, text);
  }
}

const COMPILER = 'The compiler names the line: npx tsc -p .';
const CANNOT_BE_PROVEN = `${FOLDER} cannot be proven.`;
const CANNOT_BE_LOADED = `${FOLDER} cannot be loaded.`;

describe('a proof names', () => {
  it.each<[what: string, file: string, from: string, to: string, lines: readonly string[]]>([
    [
      'a risk that does not exist',
      ...(['index.ts', "risk: 'safe'", "risk: 'low'"] as const),
      [CANNOT_BE_PROVEN, 'the risk is "low", not one of safe, disruptive, destructive'],
    ],
    [
      'the id of another folder',
      ...(['index.ts', "id: 'rds/protect-instances'", "id: 'rds/other'"] as const),
      [CANNOT_BE_PROVEN, `the id is "rds/other", not that of its folder, "${ID}": write id: '${ID}'`],
    ],
    [
      'both remediations of a control',
      ...(['index.ts', "'RDS.8'", "'RDS.7'"] as const),
      [
        CANNOT_BE_PROVEN,
        'rds/protect-instances and rds/protect-clusters both handle RDS.7: each control has one remediation. Take it out of one',
      ],
    ],
    [
      'a missing member',
      ...(['index.ts', "risk: 'safe',", ''] as const),
      [CANNOT_BE_LOADED, `the setting ${ID}: its member risk is missing.`, COMPILER],
    ],
    [
      'a wrong member, and the nearest one',
      ...(['index.ts', 'wants:', 'want:'] as const),
      [
        CANNOT_BE_LOADED,
        expect.stringMatching(/^the setting .*: want is not a member.* The nearest: wants\.$/),
        COMPILER,
      ],
    ],
    [
      'a wrong attribute among those that the setting wants, all that there are, and the nearest one',
      ...(['index.ts', 'wants: { DeletionProtection', 'wants: { EnableDeletionProtection'] as const),
      [
        CANNOT_BE_LOADED,
        `wants of the setting ${ID}: EnableDeletionProtection is not an attribute of its resource type. There are: AutoMinorVersionUpgrade, BackupRetentionPeriod, CopyTagsToSnapshot, DeletionProtection, PubliclyAccessible. The nearest: DeletionProtection.`,
        COMPILER,
      ],
    ],
    [
      'a wrong attribute among the values of a scenario',
      ...(['scenarios.ts', 'wrong: { ', 'wrong: { DeletionProtected: false, '] as const),
      [
        CANNOT_BE_LOADED,
        `wrong of the scenarios of ${ID}: DeletionProtected is not an attribute that the setting wants. There are: DeletionProtection. The nearest: DeletionProtection.`,
        COMPILER,
      ],
    ],
    [
      'a wrong member of the scenarios',
      ...(['scenarios.ts', 'right: ', 'stricte: { DeletionProtection: true }, right: '] as const),
      [CANNOT_BE_LOADED, expect.stringMatching(/: stricte is not a member of .* The nearest: stricter\.$/), COMPILER],
    ],
    [
      'missing values of the scenarios',
      ...(['scenarios.ts', 'right: { DeletionProtection: true }', 'right: {} as never'] as const),
      [CANNOT_BE_LOADED, `right of the scenarios of ${ID}: the value of DeletionProtection is missing.`, COMPILER],
    ],
  ])('%s', async (_, file, from, to, lines) => {
    const { code, out } = await runWith(file, from, to, 'tools/prove.ts', ID);
    expect(out.trim().split('\n')).toEqual(lines);
    expect(code).toBe(1);
  });
});

it('a proof names members that a module lacks', async () => {
  const file = join(copy.root, 'functions/remediations/kms/rotate-keys/index.ts');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/^ {2}summary/m, '  summry').replace(/^ {2}risk: .*\n/m, ''));
  const { code, out } = await copy.run('node', 'tools/prove.ts', 'kms/rotate-keys');
  await writeFile(file, text);
  expect(out.trim().split('\n')).toEqual([
    'functions/remediations/kms/rotate-keys cannot be proven.',
    'the remediation has no risk',
    'the remediation has no summary',
    COMPILER,
  ]);
  expect(code).toBe(1);
});

describe('npm run generate names, without a stack trace,', () => {
  it.each([
    [
      'an id that is not the folder',
      ...(["id: 'rds/protect-instances'", "id: 'rds/other'"] as const),
      `${FOLDER}/index.ts: the id is "rds/other", not that of its folder, "${ID}"`,
    ],
    [
      'a control that two remediations handle',
      ...(["'RDS.8'", "'RDS.7'"] as const),
      'rds/protect-clusters and rds/protect-instances both handle RDS.7: each control has one remediation. Take it out of one',
    ],
    [
      'an attribute that does not exist',
      ...(['{ Deletion', '{ Deletio'] as const),
      /Deletio.* The nearest: Deletion.*\nThe comp/,
    ],
  ])('%s', async (_, from, to, message) => {
    const { code, out } = await runWith('index.ts', from, to, 'tools/generate.ts');
    if (typeof message === 'string') expect(out.trim()).toBe(message);
    else expect(out).toMatch(message);
    expect(out).not.toContain('    at ');
    expect(code).toBe(1);
  });
});
