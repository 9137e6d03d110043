import type { ControlFinding } from './finding.ts';

/** Returns a finding of GuardDuty about an SSH brute force attack. GuardDuty's findings have no Compliance. */
export function asGuardDuty({ Compliance: _, ...finding }: ControlFinding): object {
  const { AwsAccountId, Region } = finding;
  return {
    ...finding,
    Id: `arn:aws:guardduty:${Region}:${AwsAccountId}:detector/${'d'.repeat(32)}/finding/${'f'.repeat(32)}`,
    ProductArn: `arn:aws:securityhub:${Region}::product/aws/guardduty`,
    ProductName: 'GuardDuty',
    GeneratorId: `arn:aws:guardduty:${Region}:${AwsAccountId}:detector/${'d'.repeat(32)}`,
    Types: ['TTPs/Initial Access/UnauthorizedAccess:EC2-SSHBruteForce'],
    Title: 'An instance is performing SSH brute force attacks',
  };
}

/**
 * Returns the finding as the new Security Hub sends it: in OCSF, class 2003.
 * https://schema.ocsf.io/classes/compliance_finding
 */
export function asOcsf({ Id, AwsAccountId, Region, Compliance, Resources, Title }: ControlFinding): object {
  return {
    activity_id: 1,
    category_uid: 2,
    class_uid: 2003,
    class_name: 'Compliance Finding',
    type_uid: 200301,
    cloud: { provider: 'AWS', region: Region, account: { uid: AwsAccountId } },
    compliance: { control: Compliance.SecurityControlId, status: 'Fail' },
    finding_info: { uid: Id, title: Title },
    metadata: { uid: Id, product: { name: 'Security Hub', vendor_name: 'AWS' }, version: '1.6.0' },
    resources: Resources.map((resource) => ({ uid: resource.Id, type: resource.Type })),
    status_id: 1,
  };
}
