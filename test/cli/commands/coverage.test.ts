import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { controlFinding } from '../../../lab/organization/finding.ts';
import { suture } from '../../support/command-line.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coverage-'));
  const resource = { Type: 'AwsEc2SecurityGroup', Id: 'arn:aws:ec2:us-east-1:333333333333:security-group/sg-0a1b2c3d' };
  const place = { account: '333333333333', region: 'us-east-1', name: 'f', at: new Date('2026-11-28'), resource };
  const Findings = ['EC2.13', 'EC2.14'].map((control) => controlFinding({ control, ...place }));
  await writeFile(join(folder, 'findings.json'), JSON.stringify({ Findings }));
  await writeFile(
    join(folder, 'policy.yaml'),
    'version: 1\ncontrols:\n  EC2.13: { mode: off, ous: { /Shop: auto } }\n',
  );
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

it('needs no installation and no credentials for a file', async () => {
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_PROFILE', 'AWS_REGION']) vi.stubEnv(name, undefined);
  vi.stubEnv('SUTURE_INSTALLATION', 'one-that-does-not-exist');
  const given = [join(folder, 'findings.json'), '--policy', join(folder, 'policy.yaml'), '--ou', '333333333333=/Shop'];
  const { code, out } = await suture('coverage', ...given);
  expect(code).toBe(0);
  expect(out.split('\n')).toEqual([
    'total\t\t2\t1\t0\t0\t0\t1',
    'effect\tfixed\t1',
    'effect\toff\t1',
    'control\tEC2.13\t1\t1\t0\t0\t0\t0',
    'control\tEC2.14\t1\t0\t0\t0\t0\t1',
    'account\t333333333333\t2\t1\t0\t0\t0\t1',
    'severity\tHIGH\t2\t1\t0\t0\t0\t1',
    'gain\tEC2.14\t1\tapprove\tdisruptive',
    '',
  ]);
});

it('refuses --ou beside the findings of Security Hub, and what is not a finding', async () => {
  const without = [join(folder, 'policy.yaml')];
  expect(await suture('coverage', ...without)).toMatchObject({
    code: 2,
    error: expect.stringContaining('is not JSON'),
  });
});
