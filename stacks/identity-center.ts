/** Permission sets of IAM Identity Center for the people of Suture, and the groups that have them. */
import { Stack, type StackProps } from 'aws-cdk-lib';
import { CfnAssignment, CfnPermissionSet } from 'aws-cdk-lib/aws-sso';
import type { Construct } from 'constructs';
import { PEOPLE, personNames } from './constructs/people-permissions.ts';
import type { IdentityCenter, SutureContext } from './context.ts';
import { PEOPLE_PATH, personName } from './names.ts';
import { policiesOf } from './people.ts';

/** Administration of permission sets can be delegated by this tag: policies ask for `aws:ResourceTag/suture:person`. */
export const PERSON_TAG = 'suture:person';

export type IdentityCenterStackProps = StackProps & {
  readonly context: SutureContext;
  readonly identityCenter: IdentityCenter;
};

export class IdentityCenterStack extends Stack {
  constructor(scope: Construct, id: string, { context, identityCenter, ...props }: IdentityCenterStackProps) {
    super(scope, id, props);
    const { instanceArn, groups } = identityCenter;
    for (const person of personNames) {
      const { attrPermissionSetArn: permissionSetArn } = new CfnPermissionSet(this, `PermissionSet-${person}`, {
        instanceArn,
        name: personName(person),
        description: PEOPLE[person],
        sessionDuration: 'PT1H',
        // By name, of the account that it is assigned in: the policies of SuturePeople.
        customerManagedPolicyReferences: policiesOf(person).map((name) => ({
          name: personName(name),
          path: PEOPLE_PATH,
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
