/**
 * The policy that keeps the sessions of a member role in the installation's Regions. It stands beside the boundary, whose
 * 6,144 characters the declared actions fill, so that another Region never changes how remediations are divided.
 * A Deny of the role's own policies is as strong as one of the boundary.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import type { Remediation } from '../contract/remediation.ts';
import { readPermissions } from './permissions.ts';

export const REGIONS_POLICY = 'regions';

/**
 * Services with one endpoint in a partition. In `aws-cn` and `aws-us-gov` it is in another Region than in `aws`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_deny-requested-region.html
 * https://docs.aws.amazon.com/controltower/latest/controlreference/primary-region-deny-policy.html
 */
const GLOBAL_SERVICES: ReadonlySet<string> = new Set([
  ...['account', 'budgets', 'ce', 'cloudfront', 'globalaccelerator', 'health', 'iam', 'networkmanager'],
  ...['organizations', 'route53', 'route53domains', 'shield', 'sts', 'support', 'trustedadvisor', 'waf'],
]);

/** Actions of S3 on the whole account, and the one that answers for buckets of every Region; from the same page. */
const GLOBAL_ACTIONS =
  /^s3:(ListAllMyBuckets|GetBucketLocation|\w+AccountPublicAccessBlock|\w*MultiRegionAccessPoint\w*)$/;

/** Returns the policy. It exempts no more of what is global than the remediations declare, and always IAM. */
export function regionsPolicy(regions: readonly string[], remediations: readonly Remediation[]): object {
  const declared = remediations.flatMap((remediation) => {
    const { writes, undoes = [] } = remediation;
    return [...readPermissions(remediation), ...writes, ...undoes].flatMap(({ actions }) => actions);
  });
  const exempt = new Set(['iam:*', ...declared.flatMap(globalPart)]);
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'OtherRegions',
        Effect: 'Deny',
        NotAction: [...exempt].sort(),
        Resource: '*',
        Condition: { StringNotEquals: { 'aws:RequestedRegion': [...regions].sort() } },
      },
    ],
  };
}

function globalPart(action: string): string[] {
  const service = action.slice(0, action.indexOf(':'));
  if (GLOBAL_SERVICES.has(service)) return [`${service}:*`];
  return GLOBAL_ACTIONS.test(action) ? [action] : [];
}
