import { describe, expect, test } from 'vitest';
import { remediations } from '../../functions/remediations/registry.ts';
import { parsePolicy, readPolicy } from '../../stacks/policy.ts';

const parse = (text: string) => parsePolicy(text, 'policy.yaml', remediations);

describe('policy.yaml', () => {
  test('of this repository is valid', () => {
    expect(readPolicy('policy.yaml', remediations).version).toBe(1);
  });

  test('gets its defaults', () => {
    expect(parse('version: 1\ncontrols: { EC2.7: auto }')).toEqual({
      version: 1,
      controls: { 'EC2.7': 'auto' },
      suppressions: [],
      caps: { perAccountAndHour: 100 },
    });
  });

  test.each([
    ['another version', 'version: 2\ncontrols: {}', 'version is 2:'],
    ['a mode that is none', 'version: 1\ncontrols: { EC2.7: automatic }', 'controls.EC2.7 is "automatic":'],
    [
      'a control that nothing handles',
      'version: 1\ncontrols: { EC2.999: auto }',
      'controls.EC2.999: no remediation of the registry handles this control',
    ],
    [
      'a parameter that its remediation does not have',
      'version: 1\ncontrols: { EC2.7: { mode: auto, params: { x: 1 } } }',
      'ec2/encrypt-ebs-by-default',
    ],
    ['a misspelt key', 'version: 1\ncontrols: {}\nsupressions: []', 'supressions'],
    ['nothing in it', '', 'the file is null:'],
  ])('with %s is refused', (_, text, message) => {
    expect(() => parse(text)).toThrow(message);
    expect(() => parse(text)).toThrow('policy.yaml is invalid');
  });
});
