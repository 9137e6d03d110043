import { type App, BootstraplessSynthesizer, DefaultStackSynthesizer } from 'aws-cdk-lib';
import { type Remediation, respondsToThreats } from '../functions/contract/remediation.ts';
import type { SuturePolicy } from '../functions/domain/policy.ts';
import { AuditStack } from './audit.ts';
import type { Bundles } from './constructs/function.ts';
import type { SutureContext } from './context.ts';
import { IdentityCenterStack } from './identity-center.ts';
import { ipRangesInstallation } from './ip-ranges/context.ts';
import { addIpRanges } from './ip-ranges/stack.ts';
import { MemberRoleStack } from './member-role.ts';
import { MEMBER_ROLE_DESCRIPTION } from './member-template.ts';
import { isDelegated, OrgRolloutStack, type OrgRolloutStackProps, RoleProtectionStack } from './org-rollout.ts';
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

export function addStacks(app: App, { context, policy, bundles, ...installation }: Installation): void {
  const remediations = installation.remediations.filter((each) => context.responseRole || !respondsToThreats(each));
  const security = new SecurityStack(app, 'SutureSecurity', {
    ...inAccount(context, context.securityAccount),
    description: 'Suture: rules, workflow, ledger and policy',
    remediations,
    policy,
    bundles,
  });
  if (context.audit)
    new AuditStack(app, 'SutureAudit', {
      ...inAccount(context, context.securityAccount),
      description: 'Suture: the hash-chained audit trail',
      bundles,
      key: security.key,
      ledger: security.ledger,
    });
  const families = addRemediations(app, { context, remediations, policy, bundles }, security);
  const ipRanges = ipRangesInstallation(context);
  addMemberRoles(app, { context, remediations, ipRanges }, families);
  addPeople(app, context, security);
  if (ipRanges) addIpRanges(app, { context, installation: ipRanges, security, bundles });
}

const inAccount = (context: SutureContext, account: string) => ({
  context,
  env: { account, region: context.homeRegion },
  synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
});

/** Adds the service account's stacks: journal and key, then one stack for each family of remediations. */
function addRemediations(
  app: App,
  { context, remediations, bundles }: Installation,
  security: SecurityStack,
): RemediationsStack[] {
  const service = new ServiceStack(app, 'SutureService', {
    ...inAccount(context, context.serviceAccount),
    description: 'Suture: journal and key of the remediations',
  });
  return Array.from(Map.groupBy(remediations, familyOf), ([family, members]) => {
    const stack = new RemediationsStack(app, `SutureRemediations-${family}`, {
      ...inAccount(context, context.serviceAccount),
      description: `Suture: remediations of ${family}`,
      remediations: members,
      bundles,
      key: service.key,
    });
    stack.addStackDependency(service, 'alarms go to its topic, entries into its journal');
    // Lambda refuses a permission whose principal does not exist, so the proxy's role must exist first.
    stack.addStackDependency(security, "the aliases name the proxy's role");
    return stack;
  });
}

function addMemberRoles(
  app: App,
  { context, remediations, ipRanges }: Pick<OrgRolloutStackProps, 'context' | 'remediations' | 'ipRanges'>,
  families: readonly RemediationsStack[],
): void {
  const role = { context, remediations, description: MEMBER_ROLE_DESCRIPTION };
  new MemberRoleStack(app, 'SutureMemberRole', { ...role, synthesizer: new BootstraplessSynthesizer() });
  const { rollout } = context;
  if (!rollout) return;
  const management = inAccount(context, rollout.managementAccount);
  const rolloutStack = new OrgRolloutStack(app, 'SutureOrgRollout', {
    ...inAccount(context, rollout.account),
    description: 'Suture: brings the member role into the accounts of the organization',
    rollout,
    remediations,
    ipRanges,
  });
  // Last: nothing may act in an account before all checks are in place.
  for (const stack of families) rolloutStack.addStackDependency(stack, 'the member role trusts its roles');
  if (isDelegated(rollout))
    new RoleProtectionStack(app, 'SutureRoleProtection', {
      ...management,
      description: 'Suture: keeps the member role as StackSets created it',
      rollout,
    });
  // Service-managed StackSets skip the management account.
  if (rollout.roleInManagementAccount) new MemberRoleStack(app, 'SutureManagementRole', { ...role, ...management });
}

/** Adds policies and roles of people, and permission sets if the context names an Identity Center. */
function addPeople(app: App, context: SutureContext, security: SecurityStack): void {
  const people = new PeopleStack(app, 'SuturePeople', {
    ...inAccount(context, context.securityAccount),
    description: 'Suture: what people may do, and roles for them',
    key: security.key,
  });
  const { identityCenter } = context;
  if (!identityCenter) return;
  const { account, region } = identityCenter;
  const permissionSets = new IdentityCenterStack(app, 'SutureIdentityCenter', {
    ...inAccount(context, account),
    env: { account, region },
    description: 'Suture: permission sets for people',
    identityCenter,
  });
  permissionSets.addStackDependency(people, 'its policies');
}
