/** The updater's role in one other account, with a boundary. It needs no bootstrap and no assets. */
import type { StackProps } from 'aws-cdk-lib';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { namesOf } from '../../functions/domain/names.ts';
import type { IpRangesTarget } from '../../ip-ranges/contract/targets.ts';
import { managedPolicy } from '../constructs/managed-policy.ts';
import { memberRoleTrust } from '../constructs/member-role-trust.ts';
import { acknowledgeWildcards, statement } from '../constructs/role.ts';
import { addTags } from '../constructs/tagging.ts';
import type { SutureContext } from '../context.ts';
import { templateText } from '../member-template.ts';
import { InstallationStack, namesIn } from '../names.ts';
import { ipRangesAllowances } from './permissions.ts';
import { unique } from './resources.ts';

export type IpRangesMemberRoleProps = StackProps & {
  readonly context: SutureContext;
  readonly account: string;
  readonly targets: readonly IpRangesTarget[];
};

export class IpRangesMemberRoleStack extends InstallationStack {
  constructor(scope: Construct, id: string, { context, account, targets, ...props }: IpRangesMemberRoleProps) {
    super(scope, id, { ...props, context });
    const names = namesIn(this);
    const allowances = ipRangesAllowances(targets, { ...context, account });
    const boundary = managedPolicy(this, 'Boundary', {
      partition: context.partition,
      name: `${names.ipRangesMemberRole}-boundary`,
      description: 'The maximum permissions of the role, whatever policies are attached to it',
      policy: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: unique(allowances.flatMap(({ actions }) => actions)), Resource: '*' }],
      },
      because: "A boundary over any resource: the role's own policy and each session's policy narrow it",
    });
    const role = new CfnRole(this, 'Role', {
      roleName: names.ipRangesMemberRole,
      path: names.rolePath,
      description: "Assumed by Suture's ip-ranges function, from the security account",
      maxSessionDuration: 3600,
      permissionsBoundary: boundary.ref,
      assumeRolePolicyDocument: memberRoleTrust(context, {
        account: context.securityAccount,
        path: names.ipRangesRolePath,
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

/** Returns the role's template for StackSets, as one line of JSON. */
export const ipRangesRoleTemplate = (props: Omit<IpRangesMemberRoleProps, keyof StackProps>): string =>
  templateText((app, synthesizer) => {
    addTags(app, props.context);
    return new IpRangesMemberRoleStack(app, namesOf(props.context).stack('IpRangesRole'), {
      ...{ ...props, synthesizer },
      description: IP_RANGES_ROLE,
    });
  });

export const IP_RANGES_ROLE = 'Suture: the role that updates security groups in this account';
