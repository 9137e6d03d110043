import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REMEDIATIONS } from '../../../functions/remediations/registry.generated.ts';
import { LAWS } from '../../../lab/laws/laws.ts';
import { copyRepository, type RepositoryCopy } from '../../support/copy.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const README = join(ROOT, 'functions/remediations/README.md');
const text = await readFile(README, 'utf8');

/** The reader types a command, or puts a text into a file. */
type Step = { readonly command: string } | { readonly file: string; readonly text: string };

const BLOCK = /^```(?<language>\w+)(?: (?<file>\S+))?\n(?<body>[\s\S]*?)^```$/gm;
const steps: Step[] = [...text.matchAll(BLOCK)].flatMap(({ groups }): Step[] => {
  const { language, file, body } = groups as { language: string; file?: string; body: string };
  if (file) return [{ file, text: body }];
  if (language !== 'sh') throw new Error(`A block of ${language} is neither a command nor a file`);
  return body
    .trim()
    .split('\n')
    .map((command) => ({ command }));
});

describe('followed step by step', () => {
  const FAMILIES = ['functions/remediations/cloudwatch', 'functions/remediations/ecr/keep-image-tags'];
  let copy: RepositoryCopy;
  let explained: string;

  beforeAll(async () => {
    copy = await copyRepository();
  });
  afterAll(() => copy.remove());

  it('ends with remediations that keep every law', async () => {
    for (const step of steps) {
      if ('file' in step) {
        await mkdir(join(copy.root, dirname(step.file)), { recursive: true });
        await writeFile(join(copy.root, step.file), step.text);
        continue;
      }
      const { code, out } = await copy.run('sh', '-c', step.command);
      expect(code, `${step.command}\n${out}`).toBe(0);
      if (step.command.startsWith('npm run prove'))
        expect(out).toMatch(/✓ All \d+ laws hold: \d+ cases in 4 scenarios/);
      explained = out;
    }
    expect(explained).toContain('CloudWatch.17  Switch the actions of an alarm on');
    expect(explained).toContain('FIXED      CloudWatch.17, its actions are off');
  });

  it('ends with modules that compile, as an unchanged new one does, and are formatted', async () => {
    const UNCHANGED = 'ec2/do-this';
    const created = await copy.run('node', 'tools/new-remediation.ts', UNCHANGED, '--control', 'EC2.99');
    expect(created.code, created.out).toBe(0);
    const include = [...FAMILIES, `functions/remediations/${UNCHANGED}`];
    await writeFile(join(copy.root, 'tsconfig.new.json'), JSON.stringify({ extends: './tsconfig.json', include }));
    const checked = await Promise.all([
      copy.run('npx', 'tsc', '-p', 'tsconfig.new.json'),
      copy.run('npx', 'biome', 'check', '--error-on-warnings', ...FAMILIES),
    ]);
    expect(checked.map(({ code, out }) => (code === 0 ? '' : out))).toEqual(['', '']);
  });
});

it('shows files that exist as they are', async () => {
  const files = steps.flatMap((step) => ('file' in step ? [step] : []));
  const texts = await Promise.all(files.map(({ file }) => readFile(join(ROOT, file), 'utf8').catch(() => undefined)));
  const existing = files.filter((_, n) => texts[n] !== undefined);
  expect(existing.length).toBeGreaterThan(0);
  for (const [n, { text: shown }] of files.entries()) if (texts[n] !== undefined) expect(shown).toBe(texts[n]);
});

it('explains every law, fact and step', () => {
  const words = new Set([...text.matchAll(/`(\w[\w-]*)[`(]/g)].map(([, word]) => word));
  const named = new Set([
    ...LAWS.map(({ name }) => name),
    ...REMEDIATIONS.flatMap((remediation) => Object.keys(remediation)),
  ]);
  expect([...named].filter((name) => !words.has(name))).toEqual([]);
});
