/** All stacks of an installation. */
import { type App, BootstraplessSynthesizer, DefaultStackSynthesizer, type Stack } from 'aws-cdk-lib';
import { type Remediation, respondsToThreats } from '../functions/contract/remediation.ts';
import type { SuturePolicy } from '../functions/domain/policy.ts';
import type { Bundles } from './constructs/function.ts';
import type { IdentityCenter, Rollout, SutureContext } from './context.ts';
import { IdentityCenterStack } from './identity-center.ts';
import { ipRangesInstallation } from './ip-ranges/context.ts';
import { addIpRanges } from './ip-ranges/stack.ts';
import { MemberRoleStack } from './member-role.ts';
import { MEMBER_ROLE_DESCRIPTION } from './member-template.ts';
import { isDelegated, OrgRolloutStack, RoleProtectionStack } from './org-rollout.ts';
import { PeopleStack } from './people.ts';
import { familyOf, RemediationsStack } from './remediations.ts';
import { SecurityStack } from './security.ts';
import { ServiceStack } from './service.ts';

export type Installation = {
  readonly context: SutureContext;
  readonly remediations: readonly Remediation[];
  readonly policy: SuturePolicy;
  readonly bundles: Bundles;
};

/** Adds the stacks to the app; they are deployed in this order. */
export function addStacks(app: App, { context, policy, bundles, ...given }: Installation): void {
  const remediations = given.remediations.filter((each) => context.responseRole || !respondsToThreats(each));
  const inAccount = (account: string) => ({
    context,
    env: { account, region: context.homeRegion },
    synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
  });
  const security = new SecurityStack(app, 'SutureSecurity', {
    ...inAccount(context.securityAccount),
    description: 'Suture: rules, workflow, ledger and policy',
    remediations,
    policy,
    bundles,
  });
  const service = new ServiceStack(app, 'SutureService', {
    ...inAccount(context.serviceAccount),
    description: 'Suture: journal and key of the remediations',
  });
  const families = Array.from(Map.groupBy(remediations, familyOf), ([family, members]) => {
    const stack = new RemediationsStack(app, `SutureRemediations-${family}`, {
      ...inAccount(context.serviceAccount),
      description: `Suture: remediations of ${family}`,
      remediations: members,
      bundles,
      key: service.key,
    });
    stack.addStackDependency(service, 'alarms go to its topic, entries into its journal');
    // Lambda refuses a permission whose principal does not exist: the proxy's role must be there first.
    stack.addStackDependency(security, "the aliases name the proxy's role");
    return stack;
  });
  const memberRole = { context, remediations, description: MEMBER_ROLE_DESCRIPTION };
  new MemberRoleStack(app, 'SutureMemberRole', { ...memberRole, synthesizer: new BootstraplessSynthesizer() });
  if (context.rollout) addRollout(app, context.rollout, memberRole);
  const people = new PeopleStack(app, 'SuturePeople', {
    ...inAccount(context.securityAccount),
    description: 'Suture: what people may do, and roles for them',
    key: security.key,
  });
  if (context.identityCenter) addIdentityCenter(app, context.identityCenter).addStackDependency(people, 'its policies');
  const ipRanges = ipRangesInstallation(context);
  if (ipRanges) addIpRanges(app, { context, installation: ipRanges, security, bundles });

  function addIdentityCenter(scope: App, identityCenter: IdentityCenter): Stack {
    const { account, region } = identityCenter;
    return new IdentityCenterStack(scope, 'SutureIdentityCenter', {
      ...inAccount(account),
      env: { account, region },
      description: 'Suture: permission sets for people',
      identityCenter,
    });
  }

  function addRollout(scope: App, rollout: Rollout, role: typeof memberRole): void {
    const management = inAccount(rollout.managementAccount);
    const brought = new OrgRolloutStack(scope, 'SutureOrgRollout', {
      ...inAccount(rollout.account),
      description: 'Suture: brings the member role into the accounts of the organization',
      rollout,
      remediations,
    });
    // Last of all: nothing may act in an account before everything that checks is there.
    for (const stack of families) brought.addStackDependency(stack, 'the member role trusts its roles');
    if (isDelegated(rollout))
      new RoleProtectionStack(scope, 'SutureRoleProtection', {
        ...management,
        description: 'Suture: keeps the member role as StackSets made it',
        rollout,
      });
    // Service-managed StackSets leave out the management account.
    if (rollout.roleInManagementAccount) new MemberRoleStack(scope, 'SutureManagementRole', { ...role, ...management });
  }
}
