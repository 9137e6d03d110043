import { type App, BootstraplessSynthesizer, DefaultStackSynthesizer } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type Remediation, respondsToThreats } from '../functions/contract/remediation.ts';
import type { SuturePolicy } from '../functions/domain/policy.ts';
import { AuditStack } from './audit.ts';
import type { Bundles } from './constructs/function.ts';
import type { SutureContext } from './context.ts';
import { IdentityCenterStack } from './identity-center.ts';
import { ipRangesInstallation } from './ip-ranges/context.ts';
import { addIpRanges } from './ip-ranges/stack.ts';
import { JournalStack } from './journal-stack.ts';
import { LedgerStack } from './ledger-stack.ts';
import { MemberRoleStack } from './member-role.ts';
import { MEMBER_ROLE_DESCRIPTION } from './member-template.ts';
import { isDelegated, OrgRolloutStack, type OrgRolloutStackProps, RoleProtectionStack } from './org-rollout.ts';
import { PeopleStack } from './people.ts';
import { PolicyStack } from './policy-stack.ts';
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
  const { security, key } = addSecurity(app, { context, remediations, policy, bundles });
  const families = addRemediations(app, { context, remediations, bundles }, security);
  const ipRanges = ipRangesInstallation(context);
  addMemberRoles(app, { context, remediations, ipRanges }, families);
  addPeople(app, context, { security, key });
  if (ipRanges) addIpRanges(app, { context, installation: ipRanges, security, key, bundles });
}

type Security = { readonly security: SecurityStack; readonly key: IKey };

/** Adds the security account's stacks: policy, then the ledger, then everything that uses both. */
function addSecurity(app: App, { context, remediations, policy, bundles }: Installation): Security {
  const inSecurity = inAccount(context, context.securityAccount);
  const first = new PolicyStack(app, 'SuturePolicy', {
    ...inSecurity,
    description: 'Suture: key, alarm topic and policy',
    policy,
    bundles,
  });
  const { key } = first;
  const ledger = new LedgerStack(app, 'SutureLedger', {
    ...inSecurity,
    ...keepsTables(context),
    description: 'Suture: the ledger',
    key,
  });
  const security = new SecurityStack(app, 'SutureSecurity', {
    ...inSecurity,
    description: 'Suture: rules, workflow and API',
    remediations,
    bundles,
    key,
  });
  security.addStackDependency(first, 'its functions read the policy');
  security.addStackDependency(ledger, 'its functions use the ledger');
  if (context.audit)
    new AuditStack(app, 'SutureAudit', {
      ...inSecurity,
      description: 'Suture: the hash-chained audit trail',
      bundles,
      key,
      ledger: ledger.table,
    });
  return { security, key };
}

/**
 * Protects a stack of tables from deletion, except at the first deployment: CloudFormation could not remove a protected
 * stack whose creation failed, so the next try would fail too.
 */
const keepsTables = ({ bootstrap }: SutureContext) => ({ terminationProtection: !bootstrap });

const inAccount = (context: SutureContext, account: string) => ({
  context,
  env: { account, region: context.homeRegion },
  synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
});

/** Adds the service account's stacks: key, journal, then one stack for each family of remediations. */
function addRemediations(
  app: App,
  { context, remediations, bundles }: Omit<Installation, 'policy'>,
  security: SecurityStack,
): RemediationsStack[] {
  const service = new ServiceStack(app, 'SutureService', {
    ...inAccount(context, context.serviceAccount),
    description: 'Suture: key and alarm topic of the remediations',
  });
  const journal = new JournalStack(app, 'SutureJournal', {
    ...inAccount(context, context.serviceAccount),
    ...keepsTables(context),
    description: 'Suture: journal and its locked copies',
    key: service.key,
  });
  return Array.from(Map.groupBy(remediations, familyOf), ([family, members]) => {
    const stack = new RemediationsStack(app, `SutureRemediations-${family}`, {
      ...inAccount(context, context.serviceAccount),
      description: `Suture: remediations of ${family}`,
      remediations: members,
      bundles,
      key: service.key,
    });
    stack.addStackDependency(service, 'alarms go to its topic');
    stack.addStackDependency(journal, 'entries go into the journal');
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
function addPeople(app: App, context: SutureContext, { security, key }: Security): void {
  const people = new PeopleStack(app, 'SuturePeople', {
    ...inAccount(context, context.securityAccount),
    description: 'Suture: what people may do, and roles for them',
    key,
  });
  people.addStackDependency(security, 'its API');
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
