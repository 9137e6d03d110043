import type { Job } from '../../functions/domain/job.ts';
import { SuturePolicy } from '../../functions/domain/policy.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { triage } from '../../functions/triage/decide.ts';
import { controlFinding } from '../organization/finding.ts';

const ACCOUNT = '333333333333';
const SECURITY_ACCOUNT = '111111111111';
const REGION = 'eu-west-1';
const RESOURCE = {
  Type: 'AwsEc2SecurityGroup',
  Id: `arn:aws:ec2:${REGION}:${ACCOUNT}:security-group/sg-0123456789abcdef0`,
  Partition: 'aws',
  Region: REGION,
};

export function archivedJob(n: number, suppression: number): Job {
  const job = templateJob(suppression);
  const prefix = job.finding.id.slice(0, job.finding.id.lastIndexOf('/'));
  const id = `${prefix}/${n.toString(16).padStart(8, '0')}-5ca1-4b1e-8f1e-000000000000`;
  return { ...job, finding: { ...job.finding, id } };
}

const TEMPLATES = new Map<number, Job>();

/** Triages one finding for each suppression, because the jobs of others differ only in the finding's id. */
function templateJob(suppression: number): Job {
  const known = TEMPLATES.get(suppression);
  if (known) return known;
  const at = new Date('2026-11-22T02:00:00Z');
  const place = { account: ACCOUNT, region: REGION };
  const finding = controlFinding({ control: 'EC2.13', ...place, resource: RESOURCE, name: 'name', at });
  const event = {
    id: 'event',
    'detail-type': 'Security Hub Findings - Imported',
    source: 'aws.securityhub',
    account: SECURITY_ACCOUNT,
    region: REGION,
    detail: { findings: [finding] },
  };
  const organization = {
    securityAccount: SECURITY_ACCOUNT,
    homeRegion: REGION,
    excluded: [SECURITY_ACCOUNT],
    status: 'ACTIVE',
  } as const;
  const policy = policyWith(suppression);
  const verdict = triage(event, finding, { remediations: REMEDIATIONS, policy, organization, today: '2026-11-22' });
  if (verdict.route !== 'archive') throw new Error(`The sample finding is not archived: ${verdict.reason}`);
  const execution = `arn:aws:states:${REGION}:${SECURITY_ACCOUNT}:execution:suture-remediate-finding:${'0'.repeat(73)}`;
  const job: Job = { v: 3, execution, started: at.toISOString(), ...verdict };
  TEMPLATES.set(suppression, job);
  return job;
}

export const policyWith = (...suppressions: readonly number[]): SuturePolicy =>
  SuturePolicy.parse({
    version: 1,
    controls: { 'EC2.13': 'auto' },
    suppressions: suppressions.map((suppression) => ({
      id: `accepted-${suppression}`,
      reason: `The hosts of team ${suppression} are reachable on purpose`,
      owner: 'platform-team',
      expires: '2099-12-31',
      criteria: { control: 'EC2.13' },
    })),
  });
