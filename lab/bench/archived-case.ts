/** Cases of suppressed findings, as triage makes them. */
import type { Job } from '../../functions/domain/job.ts';
import { SuturePolicy } from '../../functions/domain/policy.ts';
import { remediations } from '../../functions/remediations/registry.generated.ts';
import { triage } from '../../functions/triage/decide.ts';
import { controlFinding } from '../organization/finding.ts';

const ACCOUNT = '333333333333';
const SECURITY = '111111111111';
const REGION = 'eu-west-1';

/** The nth finding's case, archived with the note of this suppression. */
export function archivedCase(n: number, suppression: number): Job {
  const job = structure(suppression);
  const before = job.finding.id.slice(0, job.finding.id.lastIndexOf('/'));
  const id = `${before}/${n.toString(16).padStart(8, '0')}-5ca1-4b1e-8f1e-000000000000`;
  return { ...job, finding: { ...job.finding, id } };
}

const known = new Map<number, Job>();

/** One case a suppression: what differs from finding to finding is the id alone. */
function structure(suppression: number): Job {
  const before = known.get(suppression);
  if (before) return before;
  const policy = SuturePolicy.parse({
    version: 1,
    controls: { 'EC2.13': 'auto' },
    suppressions: [
      {
        id: `accepted-${suppression}`,
        reason: `The hosts of team ${suppression} are reachable on purpose`,
        owner: 'platform-team',
        expires: '2099-12-31',
        criteria: { control: 'EC2.13' },
      },
    ],
  });
  const resource = {
    Type: 'AwsEc2SecurityGroup',
    Id: `arn:aws:ec2:${REGION}:${ACCOUNT}:security-group/sg-0123456789abcdef0`,
    Partition: 'aws',
    Region: REGION,
  };
  const at = new Date('2026-11-22T02:00:00Z');
  const finding = controlFinding({ control: 'EC2.13', account: ACCOUNT, region: REGION, resource, name: 'name', at });
  const event = {
    id: 'event',
    'detail-type': 'Security Hub Findings - Imported',
    source: 'aws.securityhub',
    account: SECURITY,
    region: REGION,
    detail: { findings: [finding] },
  };
  const organization = { securityAccount: SECURITY, homeRegion: REGION, excluded: [SECURITY], status: 'ACTIVE' };
  const verdict = triage(event, finding, { remediations, policy, organization, today: '2026-11-22' });
  if (verdict.route !== 'archive') throw new Error(`The sample finding is not archived: ${verdict.reason}`);
  const execution = `arn:aws:states:${REGION}:${SECURITY}:execution:suture-remediate-finding:${'0'.repeat(73)}`;
  const made: Job = { v: 1, execution, started: at.toISOString(), ...verdict };
  known.set(suppression, made);
  return made;
}
