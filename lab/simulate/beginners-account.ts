/** An account made by a beginner: thirty faults over seventeen services, several on one resource. */
import { type FindingResource, identityOfTarget, type Place } from '../../functions/contract/remediation.ts';
import type { SuturePolicy } from '../../functions/domain/policy.ts';
import { scenariosOf } from '../../functions/remediations/scenarios.generated.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import type { SutureContext } from '../../stacks/context.ts';
import { type ControlFinding, controlFinding } from '../organization/finding.ts';
import { triageFor } from '../organization/triage.ts';
import { makeFaulty } from './faulty-resources.ts';

export type BeginnersResource = {
  /** An ARN with the placeholders of a place; absent: the account. */
  readonly arn?: string;
  readonly controls: readonly string[];
  readonly details?: FindingResource['Details'];
};

/** Faults of an account in which nobody has set anything. */
const DEFAULTS: readonly BeginnersResource[] = [
  { controls: ['IAM.15', 'IAM.16'] },
  { controls: ['EC2.7', 'S3.1', 'EC2.182', 'SSM.7', 'Account.1', 'CloudWatch.1'] },
];

const JO = { UserId: 'AIDABEGINNER00000001', UserName: 'jo', Path: '/' };

const RESOURCES: readonly BeginnersResource[] = [
  {
    arn: 'arn:{partition}:ec2:{region}:{account}:security-group/sg-0be91e55000000001',
    controls: ['EC2.13', 'EC2.14'],
  },
  { arn: 'arn:{partition}:s3:::beginner-shop-pictures', controls: ['S3.8', 'S3.5', 'S3.12', 'S3.9'] },
  { arn: 'arn:{partition}:rds:{region}:{account}:db:shop', controls: ['RDS.8', 'RDS.11', 'RDS.17'] },
  { arn: 'arn:{partition}:dynamodb:{region}:{account}:table/carts', controls: ['DynamoDB.2', 'DynamoDB.6'] },
  { arn: 'arn:{partition}:redshift:{region}:{account}:cluster:reports', controls: ['Redshift.3', 'Redshift.6'] },
  {
    arn: 'arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/app/shop/be91e5500000000a',
    controls: ['ELB.6'],
  },
  { arn: 'arn:{partition}:elasticache:{region}:{account}:cluster:sessions', controls: ['ElastiCache.1'] },
  { arn: 'arn:{partition}:elasticfilesystem:{region}:{account}:file-system/fs-0be91e55000000001', controls: ['EFS.7'] },
  { arn: 'arn:{partition}:ecr:{region}:{account}:repository/shop', controls: ['ECR.1'] },
  { arn: 'arn:{partition}:kms:{region}:{account}:key/be91e550-0000-4000-8000-000000000001', controls: ['KMS.4'] },
  { arn: 'arn:{partition}:iam::{account}:user/jo', controls: ['IAM.3'], details: { AwsIamUser: JO } },
  { arn: 'arn:{partition}:sns:{region}:{account}:orders', controls: ['SNS.4'] },
  { arn: 'arn:{partition}:sqs:{region}:{account}:orders', controls: ['SQS.3'] },
  { arn: 'arn:{partition}:cloudtrail:{region}:{account}:trail/everything', controls: ['CloudTrail.4'] },
];

type BeginnersAccount = { readonly sandbox: Sandbox; readonly context: SutureContext; readonly place: Place };

/**
 * Makes the resources, and returns the finding of each fault.
 * @throws Error naming what the sandbox could not make faulty
 */
export async function makeBeginnersAccount(
  { sandbox, context, place }: BeginnersAccount,
  policy: SuturePolicy,
): Promise<ControlFinding[]> {
  const at = new Date(sandbox.kernel.clock.now());
  const [ofAccount, ofResources] = [DEFAULTS, RESOURCES].map((resources) =>
    resources.flatMap((each) => findingsOf(each, place, at)),
  );
  const triage = triageFor(context, policy, [place.account], at);
  const faults = await makeFaulty(
    sandbox,
    ofResources!.map((finding) => {
      const verdict = triage(importOf(finding, context), finding);
      return verdict?.work && { finding: verdict.finding, work: verdict.work };
    }),
  );
  for (const [n, fault] of faults.entries())
    if (!fault || fault.problem)
      throw new Error(`${ofResources![n]!.Id}: ${fault?.problem ?? 'no remediation handles it'}`);
  return [...ofAccount!, ...ofResources!];
}

function findingsOf({ arn, controls, details }: BeginnersResource, place: Place, at: Date): ControlFinding[] {
  return controls.map((control) => {
    const { remediation } = scenariosOf(control);
    const { type = 'AwsAccount' } = identityOfTarget(remediation.target, remediation.id);
    const Id = (arn ?? 'AWS::::Account:{account}').replace(/\{(\w+)\}/g, (_, name) => place[name as keyof Place]);
    const resource = {
      Type: arn === undefined ? 'AwsAccount' : details ? Object.keys(details)[0]! : type,
      Id,
      Partition: place.partition,
      Region: place.region,
      ...(details && { Details: details }),
    };
    return controlFinding({ ...place, control, resource, name: `beginner-${control}`, at });
  });
}

const importOf = (finding: ControlFinding, { securityAccount, homeRegion }: SutureContext) => ({
  id: finding.Id,
  'detail-type': 'Security Hub Findings - Imported',
  source: 'aws.securityhub',
  account: securityAccount,
  region: homeRegion,
  detail: { findings: [finding] },
});
