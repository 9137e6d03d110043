import { describe, expect, it } from 'vitest';
import { laxParameters, unmetParameters } from '../../../functions/domain/control-parameters.ts';
import type { Finding } from '../../../functions/domain/finding.ts';
import { policyProblems } from '../../../functions/domain/policy-check.ts';
import { REMEDIATIONS } from '../../../functions/remediations/registry.generated.ts';

const handling = (control: string) => REMEDIATIONS.find(({ handles }) => handles.controls.includes(control))!;
const findingWith = (parameters: Record<string, string[]>): Finding =>
  ({
    Compliance: {
      Status: 'FAILED',
      SecurityControlParameters: Object.entries(parameters).map(([Name, Value]) => ({ Name, Value })),
    },
  }) as unknown as Finding;
const unmet = (control: string, params: object, asked: Record<string, string[]>) =>
  unmetParameters(handling(control), control, params as Record<string, unknown>, findingWith(asked));

describe('policy', () => {
  const problems = (control: string, params: object) =>
    policyProblems(
      { version: 1, controls: { [control]: { mode: 'approve', params } } },
      { remediations: REMEDIATIONS },
    );

  it.each<[control: string, params: object, limit: string]>([
    ['IAM.3', { maxKeyAgeDays: 180 }, 'at most 90'],
    ['IAM.8', { maxUnusedDays: 120 }, 'at most 90'],
    ['IAM.22', { maxUnusedDays: 60 }, 'at most 45'],
    ['IAM.15', { MinimumPasswordLength: 12 }, 'at least 14'],
    ['IAM.11', { RequireUppercaseCharacters: false }, 'requires true'],
  ])('may not require less than %s: %j', (control, params, limit) => {
    const [problem, ...more] = problems(control, params);
    expect(more).toEqual([]);
    const [[name, value]] = Object.entries(params) as [[string, unknown]];
    expect(problem!.path).toEqual(['controls', control, 'params', name]);
    expect(problem!.message).toContain(`is ${value}: ${control} fails again`);
    expect(problem!.message).toContain(limit);
  });

  it.each<[control: string, params: object]>([
    ['IAM.3', { maxKeyAgeDays: 90 }],
    ['IAM.3', { maxKeyAgeDays: 30 }],
    ['IAM.8', { maxUnusedDays: 60 }],
    ['IAM.15', { MinimumPasswordLength: 20, MaxPasswordAge: 200 }],
    // An organization may have changed these in Security Hub.
    ['IAM.7', { MinimumPasswordLength: 7 }],
    ['EC2.18', { authorizedTcpPorts: [80, 443, 8443] }],
  ])('may set for %s: %j', (control, params) => {
    expect(problems(control, params)).toEqual([]);
  });
});

describe('an organization whose Security Hub asks', () => {
  it.each<[what: string, control: string, params: object, asked: Record<string, string[]>, both: [string, string]]>([
    [
      'for more days than policy',
      'RDS.11',
      { days: 7 },
      { backupRetentionMinimum: ['14'] },
      ['backupRetentionMinimum of RDS.11 is 14', "policy's days is 7"],
    ],
    [
      'for fewer ports',
      'EC2.18',
      { authorizedTcpPorts: [80, 443], authorizedUdpPorts: [] },
      { authorizedTcpPorts: ['443'] },
      ['authorizedTcpPorts of EC2.18 is [443]', "policy's authorizedTcpPorts is [80,443]"],
    ],
    [
      'for a parameter that the control does not require',
      'IAM.7',
      {},
      { MaxPasswordAge: ['60'] },
      ['MaxPasswordAge of IAM.7 is 60', "policy's MaxPasswordAge is not set"],
    ],
    [
      'for more than the control, without parameters in policy',
      'IAM.7',
      {},
      { MinimumPasswordLength: ['16'] },
      ['MinimumPasswordLength of IAM.7 is 16', "policy's MinimumPasswordLength is 8"],
    ],
    [
      'for a kind of character',
      'IAM.7',
      { RequireSymbols: false },
      { RequireSymbols: ['true'] },
      ['RequireSymbols of IAM.7 is true', "policy's RequireSymbols is false"],
    ],
  ])('%s: the reason has both values', (_, control, params, asked, both) => {
    const reason = unmet(control, params, asked);
    for (const text of both) expect(reason).toContain(text);
    expect(reason).toContain('in policy');
  });

  it.each<[what: string, control: string, params: object, asked: Record<string, string[]>]>([
    ['for as much as policy', 'RDS.11', { days: 14 }, { backupRetentionMinimum: ['14'] }],
    ['for less', 'RDS.11', { days: 30 }, { backupRetentionMinimum: ['14'] }],
    [
      'for more ports',
      'EC2.18',
      { authorizedTcpPorts: [80], authorizedUdpPorts: [] },
      { authorizedTcpPorts: ['80,443'] },
    ],
    ['for nothing', 'RDS.11', { days: 7 }, {}],
    ['for a value that is not a number', 'RDS.11', { days: 7 }, { backupRetentionMinimum: ['99; drop'] }],
    ['for a parameter of another control', 'IAM.15', {}, { MinimumPasswordLength: ['99'] }],
    ['for something that Suture does not know', 'RDS.11', { days: 7 }, { checkReadReplicas: ['true'] }],
  ])('%s is satisfied', (_, control, params, asked) => {
    expect(unmet(control, params, asked)).toBeUndefined();
  });
});

it('no default of a remediation fails its control', () => {
  for (const remediation of REMEDIATIONS)
    for (const control of remediation.handles.controls)
      expect(laxParameters(remediation, control, remediation.params.parse({})), control).toEqual([]);
});
