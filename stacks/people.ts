/** Managed policies for viewers, operators and approvers in the security account, and roles that require MFA. */
import { Duration, Fn, Stack, type StackProps } from 'aws-cdk-lib';
import { AccountPrincipal, Effect, ManagedPolicy, PrincipalWithConditions, Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import {
  allowancesOf,
  commandNeeds,
  type InstalledResources,
  PEOPLE,
  PERSON_NAMES,
  type Person,
} from './constructs/people-permissions.ts';
import { importedPolicyIds } from './constructs/policy-configuration.ts';
import { type Allowance, acknowledgeWildcards, statement } from './constructs/role.ts';
import { type SutureContext, securityPlace } from './context.ts';
import { API, homeTableArn, LEDGER_TABLE, PEOPLE_PATH, POLICY_EXPORTS, personName } from './names.ts';

const MAX_MFA_AGE_SECONDS = 3600;

export type PeopleStackProps = StackProps & Omit<InstalledResources, 'policy' | 'api'>;

export class PeopleStack extends Stack {
  constructor(scope: Construct, id: string, { context, key, ...props }: PeopleStackProps) {
    super(scope, id, props);
    const needs = commandNeeds({ context, key, policy: importedPolicyIds(), api: Fn.importValue(API.id) });
    // cdk-nag sees an import as its export name.
    const needsByExportName = commandNeeds({ context, key, policy: POLICY_EXPORTS, api: API.id });
    const policies = new Map(
      PERSON_NAMES.map((person) => {
        const allows = allowancesOf(needs, person);
        const policy = new ManagedPolicy(this, `${capitalized(person)}Policy`, {
          managedPolicyName: personName(person),
          path: PEOPLE_PATH,
          description: PEOPLE[person],
          statements: [
            ...allows.map((each) => statement(each)),
            ...(person === 'viewer' ? [statement(keepsLedger(context, key), Effect.DENY)] : []),
          ],
        });
        for (const allowance of allowancesOf(needsByExportName, person)) acknowledgeWildcards(policy, allowance);
        return [person, policy] as const;
      }),
    );
    for (const person of PERSON_NAMES)
      new Role(this, capitalized(person), {
        roleName: personName(person),
        path: PEOPLE_PATH,
        description: `${PEOPLE[person]}. Users of this account assume it with MFA, under their own names`,
        assumedBy: withMfa(context.securityAccount),
        maxSessionDuration: Duration.hours(1),
        managedPolicies: policiesOf(person).map((name) => policies.get(name)!),
      });
  }
}

/** Denied to everybody who has a policy of Suture, whatever else they may do. */
function keepsLedger(context: SutureContext, { keyArn }: IKey): Allowance {
  const { partition, region, account } = securityPlace(context);
  return {
    actions: [
      'cloudformation:DeleteStack',
      'cloudformation:UpdateTerminationProtection',
      'dynamodb:DeleteTable',
      'dynamodb:UpdateContinuousBackups',
      'kms:DisableKey',
      'kms:ScheduleKeyDeletion',
    ],
    on: [
      homeTableArn({ partition, region, account }, LEDGER_TABLE),
      `arn:${partition}:cloudformation:${region}:${account}:stack/Suture*/*`,
      keyArn,
    ],
  };
}

export const policiesOf = (person: Person): Person[] => (person === 'viewer' ? ['viewer'] : ['viewer', person]);

/**
 * Trusts users of the account whose own policies allow it. The session name is the user name, by which approvals
 * distinguish people.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
 */
const withMfa = (account: string) =>
  new PrincipalWithConditions(new AccountPrincipal(account), {
    Bool: { 'aws:MultiFactorAuthPresent': 'true' },
    NumericLessThan: { 'aws:MultiFactorAuthAge': String(MAX_MFA_AGE_SECONDS) },
    StringEquals: { 'sts:RoleSessionName': '${aws:username}' },
  });

const capitalized = (name: string) => name[0]!.toUpperCase() + name.slice(1);
