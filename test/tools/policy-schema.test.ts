import { readFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import * as YAML from 'yaml';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { policySchema } from '../../tools/generators/policy-schema.ts';

const validate = new Ajv({ strict: false, validateFormats: false }).compile(JSON.parse(policySchema(REMEDIATIONS)));
const isValid = (text: string): boolean => validate(YAML.parse(text));

describe('the JSON Schema of policy.yaml', () => {
  let example: string;
  beforeAll(async () => {
    example = await readFile('policy.yaml', 'utf8');
  });

  it('accepts the policy of this repository, which names it', () => {
    expect(isValid(example)).toBe(true);
    expect(example).toMatch(/^# yaml-language-server: \$schema=\.\/docs\/reference\/policy\.schema\.json\n/);
  });
  it.each([
    ['a control without a remediation', '  EC2.133: auto'],
    ['an unknown mode', '  EC2.13: of'],
    ['an unknown key of a control', '  EC2.13: { mod: auto }'],
  ])('refuses %s', (_, line) => {
    expect(isValid(`version: 1\ncontrols:\n${line}\n`)).toBe(false);
  });
  it('refuses an unknown key of the policy', () => {
    expect(isValid('version: 1\ncontrols: {}\nsupressions: []\n')).toBe(false);
  });
});
