import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, it, test } from 'vitest';
import * as YAML from 'yaml';
import { SuturePolicy } from '../../functions/domain/policy.ts';
import { remediations } from '../../functions/remediations/registry.generated.ts';
import { parsePolicy } from '../../stacks/policy.ts';

const examples = (page: string) => [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, example]) => example!);
const reference = await readFile('docs/policy.md', 'utf8');
const firstWeek = await readFile('docs/first-week.md', 'utf8');

/** An example shows one key; the others get what a policy cannot do without. */
const whole = (example: string) =>
  ['version: 1\n', 'controls: {}\n'].filter((line) => !`\n${example}`.includes(`\n${line.split(' ')[0]}`)).join('') +
  example;

describe('docs/policy.md', () => {
  it.each(examples(reference))('has a valid example: %s', (example) => {
    expect(() => parsePolicy(whole(example), 'docs/policy.md', remediations)).not.toThrow();
  });

  it('has an example of every key of a policy', () => {
    const shown = new Set(examples(reference).flatMap((example) => keysIn(YAML.parse(example))));
    expect(keysOf(SuturePolicy).filter((key) => !shown.has(key))).toEqual([]);
  });
});

describe('docs/first-week.md', () => {
  it.each(examples(firstWeek))('has a whole policy: %s', (example) => {
    expect(() => parsePolicy(example, 'docs/first-week.md', remediations)).not.toThrow();
  });
});

test('the pages name commands that exist', async () => {
  const commandsOf = async (...path: string[]) => {
    const { stdout } = await promisify(execFile)(process.execPath, ['cli/program.ts', ...path, '--help']);
    return [...stdout.slice(stdout.indexOf('\nCommands:')).matchAll(/^ {2}(\w+)/gm)].map(([, name]) =>
      [...path, name].join(' '),
    );
  };
  const commands = [...(await commandsOf()), ...(await commandsOf('policy'))];
  const named = [...`${reference}${firstWeek}`.matchAll(/npm run -s suture -- (policy \w+|\w+)/g)].map(
    ([, name]) => name!,
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !commands.includes(name))).toEqual([]);
});

/** Every key that an object of the schema knows, anywhere in it. */
function keysOf(schema: any): string[] {
  const { def } = schema;
  if (def.shape) return Object.entries(def.shape).flatMap(([key, of]) => [key, ...keysOf(of)]);
  return [def.innerType, def.element, def.valueType, ...(def.options ?? [])].filter(Boolean).flatMap(keysOf);
}

function keysIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, of]) => [key, ...keysIn(of)]);
}
