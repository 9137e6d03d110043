import { expect, it } from 'vitest';
import { policyFileText } from '../../../cli/policy/policy-file-text.ts';

const CONTENT = {
  version: 1,
  controls: { 'EC2.13': { mode: 'observe', ous: { '/Workloads': 'auto' } } },
  units: { '/Workloads': 'ou-ab12-cdefgh34' },
};

it('a stored policy as a file lacks the ids of units, which each push looks up again', () => {
  expect(policyFileText(CONTENT, 7, false)).toBe(
    [
      '# Version 7 of the policy.',
      '# Comments of its file are not stored.',
      'version: 1',
      'controls:',
      '  EC2.13:',
      '    mode: observe',
      '    ous:',
      '      /Workloads: auto',
    ].join('\n'),
  );
});
