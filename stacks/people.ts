/** Managed policies for viewers, operators and approvers in the security account, and roles that require MFA. */
import { Duration, Fn, type StackProps } from 'aws-cdk-lib';
import {
  AccountPrincipal,
  CompositePrincipal,
  Effect,
  ManagedPolicy,
  PrincipalWithConditions,
  Role,
} from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { namesOf } from '../functions/domain/names.ts';
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
import { federatedPrincipals } from './federation.ts';
import { homeTableArn, InstallationStack, namesIn } from './names.ts';

const MAX_MFA_AGE_SECONDS = 3600;

export type PeopleStackProps = StackProps & Omit<InstalledResources, 'policy' | 'api'>;

export class PeopleStack extends InstallationStack {
  constructor(scope: Construct, id: string, { context, key, ...props }: PeopleStackProps) {
    super(scope, id, { ...props, context });
    const names = namesIn(this);
    const needs = commandNeeds({
      context,
      key,
      policy: importedPolicyIds(context),
      api: Fn.importValue(names.api.id),
    });
    // cdk-nag sees an import as its export name.
    const needsByExportName = commandNeeds({ context, key, policy: names.policyExports, api: names.api.id });
    const policies = new Map(
      PERSON_NAMES.map((person) => {
        const allows = allowancesOf(needs, person);
        const policy = new ManagedPolicy(this, `${capitalized(person)}Policy`, {
          managedPolicyName: names.person(person),
          path: names.peoplePath,
          description: PEOPLE[person],
          statements: [
            ...allows.map((each) => statement(each)),
            ...(person === 'viewer' ? [statement(ledgerDeletion(context, key), Effect.DENY)] : []),
          ],
        });
        for (const allowance of allowancesOf(needsByExportName, person)) acknowledgeWildcards(policy, allowance);
        return [person, policy] as const;
      }),
    );
    for (const person of PERSON_NAMES)
      new Role(this, capitalized(person), {
        roleName: names.person(person),
        path: names.peoplePath,
        description: `${PEOPLE[person]}. Users of this account assume it with MFA, under their own names`,
        assumedBy: new CompositePrincipal(withMfa(context.securityAccount), ...federatedPrincipals(context, person)),
        maxSessionDuration: Duration.hours(1),
        managedPolicies: policiesOf(person).map((name) => policies.get(name)!),
      });
  }
}

/** Returns the actions that are denied to everybody who has a policy of Suture, whatever else they may do. */
function ledgerDeletion(context: SutureContext, { keyArn }: IKey): Allowance {
  const { partition, region, account } = securityPlace(context);
  const names = namesOf(context);
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
      homeTableArn({ partition, region, account }, names.ledgerTable),
      `arn:${partition}:cloudformation:${region}:${account}:stack/${names.stack('*')}/*`,
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
