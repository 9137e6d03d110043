import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import * as YAML from 'yaml';
import { SuturePolicy } from '../../functions/domain/policy.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { parsePolicy } from '../../stacks/policy.ts';

const examples = (page: string) => [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, example]) => example!);
const REFERENCE = await readFile('docs/policy.md', 'utf8');
const DEPLOY = await readFile('docs/deploy.md', 'utf8');

/** An example shows one key; this adds the keys that a policy must have. */
const completePolicy = (example: string) =>
  ['version: 1\n', 'controls: {}\n'].filter((line) => !`\n${example}`.includes(`\n${line.split(' ')[0]}`)).join('') +
  example;

describe('docs/policy.md', () => {
  it.each(examples(REFERENCE))('has a valid example: %s', (example) => {
    expect(() => parsePolicy(completePolicy(example), 'docs/policy.md', REMEDIATIONS)).not.toThrow();
  });

  it('has an example of every key of a policy', () => {
    const shown = new Set(examples(REFERENCE).flatMap((example) => keysIn(YAML.parse(example))));
    expect(keysOf(SuturePolicy).filter((key) => !shown.has(key))).toEqual([]);
  });
});

describe('docs/deploy.md', () => {
  it.each(examples(DEPLOY))('has a valid policy: %s', (example) => {
    expect(() => parsePolicy(example, 'docs/deploy.md', REMEDIATIONS)).not.toThrow();
  });
});

function keysOf(schema: any): string[] {
  const { def } = schema;
  if (def.shape) return Object.entries(def.shape).flatMap(([key, of]) => [key, ...keysOf(of)]);
  return [def.innerType, def.element, def.valueType, ...(def.options ?? [])].filter(Boolean).flatMap(keysOf);
}

function keysIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, of]) => [key, ...keysIn(of)]);
}
