/**
 * The service control policy that keeps member accounts from hiding their findings: the workflow status is changed in
 * Security Hub's administrator account alone. Members still write notes and the other fields.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/finding-update-batchupdatefindings.html
 */
import type { PolicyDocument } from '../../functions/domain/permissions.ts';

/** The operations in both formats, ASFF and OCSF, share one action. */
const STATUS_KEYS = {
  OnlyTheAdministratorChangesStatus: 'securityhub:ASFFSyntaxPath/Workflow.Status',
  OnlyTheAdministratorChangesStatusInOcsf: 'securityhub:OCSFSyntaxPath/StatusId',
} as const;

export function findingProtection(administrator: string): PolicyDocument {
  const notTheAdministrator = { StringNotEquals: { 'aws:PrincipalAccount': administrator } };
  return {
    Version: '2012-10-17',
    Statement: [
      ...Object.entries(STATUS_KEYS).map(([Sid, key]) => ({
        Sid,
        Effect: 'Deny' as const,
        Action: ['securityhub:BatchUpdateFindings'],
        Resource: '*',
        Condition: { Null: { [key]: 'false' }, ...notTheAdministrator },
      })),
      {
        // The older operation archives findings.
        Sid: 'OnlyTheAdministratorArchives',
        Effect: 'Deny',
        Action: ['securityhub:UpdateFindings'],
        Resource: '*',
        Condition: notTheAdministrator,
      },
    ],
  };
}
