/** The updater's role in one other account. It needs no bootstrap and no assets. */
import { Stack, type StackProps } from 'aws-cdk-lib';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { IpRangesTarget } from '../../ip-ranges/contract/targets.ts';
import { memberRoleTrust } from '../constructs/member-role-trust.ts';
import { acknowledgeWildcards, statement } from '../constructs/role.ts';
import type { SutureContext } from '../context.ts';
import { IP_RANGES_MEMBER_ROLE, IP_RANGES_ROLE_PATH, ROLE_PATH } from '../names.ts';
import { ipRangesAllowances } from './permissions.ts';

export type IpRangesMemberRoleProps = StackProps & {
  readonly context: SutureContext;
  readonly account: string;
  readonly targets: readonly IpRangesTarget[];
};

export class IpRangesMemberRoleStack extends Stack {
  constructor(scope: Construct, id: string, { context, account, targets, ...props }: IpRangesMemberRoleProps) {
    super(scope, id, props);
    const allowances = ipRangesAllowances(targets, { partition: context.partition, account });
    const role = new CfnRole(this, 'Role', {
      roleName: IP_RANGES_MEMBER_ROLE,
      path: ROLE_PATH,
      description: "Assumed by Suture's ip-ranges function, from the security account",
      maxSessionDuration: 3600,
      assumeRolePolicyDocument: memberRoleTrust(context, {
        account: context.securityAccount,
        path: IP_RANGES_ROLE_PATH,
      }),
      policies: [
        {
          policyName: 'permissions',
          policyDocument: {
            Version: '2012-10-17',
            Statement: allowances.map((allowance) => statement(allowance).toStatementJson()),
          },
        },
      ],
    });
    for (const allowance of allowances) acknowledgeWildcards(role, allowance);
  }
}
