/** The updater's role in one other account, with a boundary. It needs no bootstrap and no assets. */
import { Stack, type StackProps } from 'aws-cdk-lib';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { IpRangesTarget } from '../../ip-ranges/contract/targets.ts';
import { managedPolicy } from '../constructs/managed-policy.ts';
import { memberRoleTrust } from '../constructs/member-role-trust.ts';
import { acknowledgeWildcards, statement } from '../constructs/role.ts';
import type { SutureContext } from '../context.ts';
import { templateText } from '../member-template.ts';
import { IP_RANGES_MEMBER_ROLE, IP_RANGES_ROLE_PATH, ROLE_PATH } from '../names.ts';
import { ipRangesAllowances } from './permissions.ts';
import { unique } from './resources.ts';

export type IpRangesMemberRoleProps = StackProps & {
  readonly context: SutureContext;
  readonly account: string;
  readonly targets: readonly IpRangesTarget[];
};

export class IpRangesMemberRoleStack extends Stack {
  constructor(scope: Construct, id: string, { context, account, targets, ...props }: IpRangesMemberRoleProps) {
    super(scope, id, props);
    const allowances = ipRangesAllowances(targets, { partition: context.partition, account });
    const boundary = managedPolicy(this, 'Boundary', {
      name: `${IP_RANGES_MEMBER_ROLE}-boundary`,
      description: 'The maximum permissions of the role, whatever policies are attached to it',
      policy: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: unique(allowances.flatMap(({ actions }) => actions)), Resource: '*' }],
      },
      because: "A boundary over any resource: the role's own policy and each session's policy narrow it",
    });
    const role = new CfnRole(this, 'Role', {
      roleName: IP_RANGES_MEMBER_ROLE,
      path: ROLE_PATH,
      description: "Assumed by Suture's ip-ranges function, from the security account",
      maxSessionDuration: 3600,
      permissionsBoundary: boundary.ref,
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

/** For StackSets, as one line of JSON. */
export const ipRangesRoleTemplate = (props: Omit<IpRangesMemberRoleProps, keyof StackProps>): string =>
  templateText(
    (app, synthesizer) =>
      new IpRangesMemberRoleStack(app, 'SutureIpRangesRole', { ...props, synthesizer, description: IP_RANGES_ROLE }),
  );

export const IP_RANGES_ROLE = 'Suture: the role that updates security groups in this account';
