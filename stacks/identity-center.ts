/** Permission sets of IAM Identity Center for viewers, operators and approvers, and their assignment to groups. */
import type { StackProps } from 'aws-cdk-lib';
import { CfnAssignment, CfnPermissionSet } from 'aws-cdk-lib/aws-sso';
import type { Construct } from 'constructs';
import { PEOPLE, PERSON_NAMES } from './constructs/people-permissions.ts';
import type { IdentityCenter, SutureContext } from './context.ts';
import { InstallationStack, namesIn } from './names.ts';
import { policiesOf } from './people.ts';

/** Policies can delegate the administration of these permission sets by this tag. */
export const PERSON_TAG = 'suture:person';

export type IdentityCenterStackProps = StackProps & {
  readonly context: SutureContext;
  readonly identityCenter: IdentityCenter;
};

export class IdentityCenterStack extends InstallationStack {
  constructor(scope: Construct, id: string, { context, identityCenter, ...props }: IdentityCenterStackProps) {
    super(scope, id, { ...props, context });
    const { instanceArn, groups } = identityCenter;
    const names = namesIn(this);
    for (const person of PERSON_NAMES) {
      const { attrPermissionSetArn: permissionSetArn } = new CfnPermissionSet(this, `PermissionSet-${person}`, {
        instanceArn,
        name: names.person(person),
        description: PEOPLE[person],
        sessionDuration: 'PT1H',
        // Names refer to policies in the assigned account: those of SuturePeople.
        customerManagedPolicyReferences: policiesOf(person).map((name) => ({
          name: names.person(name),
          path: names.peoplePath,
        })),
        tags: [{ key: PERSON_TAG, value: person }],
      });
      for (const [n, principalId] of groups[person].entries())
        new CfnAssignment(this, `Assignment-${person}-${n + 1}`, {
          instanceArn,
          permissionSetArn,
          principalType: 'GROUP',
          principalId,
          targetType: 'AWS_ACCOUNT',
          targetId: context.securityAccount,
        });
    }
  }
}
