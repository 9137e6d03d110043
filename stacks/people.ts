/** People in the security account: a managed policy each for who looks, who operates and who approves, and roles that ask for MFA. */
import { Duration, Fn, Stack, type StackProps } from 'aws-cdk-lib';
import { AccountPrincipal, ManagedPolicy, PrincipalWithConditions, Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import {
  allowancesOf,
  commandNeeds,
  type Installed,
  PEOPLE,
  type Person,
  personNames,
} from './constructs/people-permissions.ts';
import { acknowledgeWildcards, statement } from './constructs/role.ts';
import { PEOPLE_PATH, POLICY_EXPORTS, personName } from './names.ts';

/** Seconds since somebody has shown a device; then the role cannot be assumed with that proof any more. */
const MFA_AGE = 3600;

export type PeopleStackProps = StackProps & Omit<Installed, 'policy'>;

const imported = {
  application: Fn.importValue(POLICY_EXPORTS.application),
  environment: Fn.importValue(POLICY_EXPORTS.environment),
  profile: Fn.importValue(POLICY_EXPORTS.profile),
  strategy: Fn.importValue(POLICY_EXPORTS.strategy),
};

export class PeopleStack extends Stack {
  constructor(scope: Construct, id: string, { context, key, ...props }: PeopleStackProps) {
    super(scope, id, props);
    const needs = commandNeeds({ context, key, policy: imported });
    // cdk-nag sees an import by its name.
    const named = commandNeeds({ context, key, policy: POLICY_EXPORTS });
    const policies = new Map(
      personNames.map((person) => {
        const allows = allowancesOf(needs, person);
        const made = new ManagedPolicy(this, `${capitalized(person)}Policy`, {
          managedPolicyName: personName(person),
          path: PEOPLE_PATH,
          description: PEOPLE[person],
          statements: allows.map(statement),
        });
        for (const allowance of allowancesOf(named, person)) acknowledgeWildcards(made, allowance);
        return [person, made] as const;
      }),
    );
    for (const person of personNames)
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

/** Names of the policies that make a person. */
export const policiesOf = (person: Person): Person[] => (person === 'viewer' ? ['viewer'] : ['viewer', person]);

/**
 * Users whose own policies let them. A session bears its user's name, for approvals tell people apart by it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
 */
const withMfa = (account: string) =>
  new PrincipalWithConditions(new AccountPrincipal(account), {
    Bool: { 'aws:MultiFactorAuthPresent': 'true' },
    NumericLessThan: { 'aws:MultiFactorAuthAge': String(MFA_AGE) },
    StringEquals: { 'sts:RoleSessionName': '${aws:username}' },
  });

const capitalized = (name: string) => name[0]!.toUpperCase() + name.slice(1);
