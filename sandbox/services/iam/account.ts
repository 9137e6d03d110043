import type * as sdk from '@aws-sdk/client-iam';
import { AwsError, type ServiceOperations } from '../../kernel/kernel.ts';
import { credentialReport } from './credential-report.ts';
import { type IamState, noSuchEntity } from './state.ts';

const REPORT_LIFETIME_MS = 4 * 3600_000;

function checkRange(value: number | undefined, name: string, min: number, max: number): void {
  if (value === undefined || (value >= min && value <= max)) return;
  throw new AwsError(
    'ValidationError',
    `1 validation error detected: Value '${value}' at '${name}' failed to satisfy constraint: Member must have value between ${min} and ${max}`,
  );
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const ROLES_QUOTA = 1000;

export const accountOperations: ServiceOperations<typeof sdk, IamState> = {
  GetAccountPasswordPolicy: {
    run(_input, at) {
      if (!at.state.passwordPolicy) throw noSuchEntity(`The Password Policy with domain name ${at.account}`);
      return { PasswordPolicy: at.state.passwordPolicy };
    },
  },
  UpdateAccountPasswordPolicy: {
    // A put, not a merge: absent members get their defaults.
    run(input, at) {
      checkRange(input.MinimumPasswordLength, 'minimumPasswordLength', 6, 128);
      checkRange(input.MaxPasswordAge, 'maxPasswordAge', 1, 1095);
      checkRange(input.PasswordReusePrevention, 'passwordReusePrevention', 1, 24);
      at.state.passwordPolicy = {
        MinimumPasswordLength: input.MinimumPasswordLength ?? 6,
        RequireSymbols: input.RequireSymbols ?? false,
        RequireNumbers: input.RequireNumbers ?? false,
        RequireUppercaseCharacters: input.RequireUppercaseCharacters ?? false,
        RequireLowercaseCharacters: input.RequireLowercaseCharacters ?? false,
        AllowUsersToChangePassword: input.AllowUsersToChangePassword ?? false,
        ExpirePasswords: input.MaxPasswordAge !== undefined,
        ...(input.HardExpiry !== undefined && { HardExpiry: input.HardExpiry }),
        ...(input.MaxPasswordAge !== undefined && { MaxPasswordAge: input.MaxPasswordAge }),
        ...(input.PasswordReusePrevention !== undefined && { PasswordReusePrevention: input.PasswordReusePrevention }),
      };
      return {};
    },
  },
  DeleteAccountPasswordPolicy: {
    run(_input, at) {
      if (!at.state.passwordPolicy) throw noSuchEntity('The account policy with name PasswordPolicy');
      at.state.passwordPolicy = undefined;
      return {};
    },
  },
  GenerateCredentialReport: {
    run(_input, at) {
      const now = at.kernel.clock.now();
      const present = at.state.credentialReport;
      if (present && now - present.generatedAt.getTime() < REPORT_LIFETIME_MS) return { State: 'COMPLETE' };
      at.state.credentialReport = { generatedAt: new Date(now), content: credentialReport(at) };
      return { State: 'STARTED', Description: 'No report exists. Starting a new report generation task' };
    },
  },
  GetCredentialReport: {
    run(_input, at) {
      const report = at.state.credentialReport;
      if (!report) {
        const message = 'No report exists. Please make sure that you have generated a credential report.';
        throw new AwsError('ReportNotPresent', message, 410);
      }
      if (at.kernel.clock.now() - report.generatedAt.getTime() >= REPORT_LIFETIME_MS)
        throw new AwsError('ReportExpired', 'The credential report has expired. Please generate a new report.', 410);
      return {
        Content: new TextEncoder().encode(report.content),
        ReportFormat: 'text/csv',
        GeneratedTime: report.generatedAt,
      };
    },
  },
  GetAccountSummary: {
    run: (_input, { state }) => ({
      SummaryMap: {
        Users: state.users.size,
        Groups: state.groups.size,
        Roles: state.roles.size,
        Policies: state.policies.size,
        InstanceProfiles: state.instanceProfiles.size,
        MFADevices: state.mfaDevices.size,
        MFADevicesInUse: [...state.mfaDevices.values()].filter(({ user }) => user !== undefined).length,
        AccountMFAEnabled: 0,
        AccountAccessKeysPresent: 0,
        AccountPasswordPresent: 1,
        AccessKeysPerUserQuota: 2,
        RolesQuota: ROLES_QUOTA,
        AttachedPoliciesPerRoleQuota: state.quotas.attachedPolicies,
        PolicySizeQuota: 6144,
        AssumeRolePolicySizeQuota: state.quotas.trustPolicySize,
      },
    }),
  },
};
