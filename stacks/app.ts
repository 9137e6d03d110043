import { type App, BootstraplessSynthesizer } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type Remediation, respondsToThreats } from '../functions/contract/remediation.ts';
import { familyOf, type MemberRolePart, memberRoleParts } from '../functions/domain/member-role-parts.ts';
import { namesOf } from '../functions/domain/names.ts';
import type { SuturePolicy } from '../functions/domain/policy.ts';
import { AuditStack } from './audit.ts';
import { synthesizerFor } from './constructs/bootstrap.ts';
import type { Bundles } from './constructs/function.ts';
import { addTags, finishTrial } from './constructs/tagging.ts';
import type { SutureContext } from './context.ts';
import { IdentityCenterStack } from './identity-center.ts';
import { ipRangesInstallation } from './ip-ranges/context.ts';
import { addIpRanges } from './ip-ranges/stack.ts';
import { JournalStack } from './journal-stack.ts';
import { LedgerStack } from './ledger-stack.ts';
import { MemberRoleStack, type MemberRoleStackProps } from './member-role.ts';
import { MEMBER_ROLE_DESCRIPTION } from './member-template.ts';
import { messagesInstallation } from './messages/context.ts';
import { MessagesStack } from './messages/stack.ts';
import { isDelegated, OrgRolloutStack, type OrgRolloutStackProps, RoleProtectionStack } from './org-rollout.ts';
import { PeopleStack } from './people.ts';
import { PolicyStack } from './policy-stack.ts';
import { checkNameLengths } from './remediation-facts.ts';
import { RemediationsStack } from './remediations.ts';
import { reserveConcurrency } from './reserved-concurrency.ts';
import { SecurityStack } from './security.ts';
import { ServiceStack } from './service.ts';
import { trialPolicy } from './trial.ts';

export type Installation = {
  readonly context: SutureContext;
  readonly remediations: readonly Remediation[];
  readonly policy: SuturePolicy;
  readonly bundles: Bundles;
};

export function addStacks(app: App, { context, bundles, ...installation }: Installation): void {
  const policy = context.trial ? trialPolicy(installation.policy) : installation.policy;
  const remediations = installation.remediations.filter((each) => context.responseRole || !respondsToThreats(each));
  checkNameLengths(remediations, context);
  const parts = memberRoleParts(remediations);
  const { security, key } = addSecurity(app, { context, remediations, parts, policy, bundles });
  const families = addRemediations(app, { context, remediations, parts, bundles }, { security, key });
  const ipRanges = ipRangesInstallation(context);
  addMemberRoles(app, { context, remediations, ipRanges }, families);
  addPeople(app, context, { security, key });
  if (ipRanges) addIpRanges(app, { context, installation: ipRanges, security, key, bundles });
  addTags(app, context);
  if (context.trial) finishTrial(app);
  reserveConcurrency(app, context);
}

type WithParts = { readonly parts: readonly MemberRolePart[] };
type Security = { readonly security: SecurityStack; readonly key: IKey };

/** Adds the security account's stacks: policy, then the ledger, then everything that uses both. */
function addSecurity(app: App, { context, remediations, parts, policy, bundles }: Installation & WithParts): Security {
  const inSecurity = inAccount(context, context.securityAccount);
  const names = namesOf(context);
  const policyStack = new PolicyStack(app, names.stack('Policy'), {
    ...inSecurity,
    description: 'Suture: key, alarm topic and policy',
    policy,
    bundles,
  });
  const { key, alarmKey } = policyStack;
  const ledger = new LedgerStack(app, names.stack('Ledger'), {
    ...inSecurity,
    ...tableProtection(context),
    description: 'Suture: the ledger',
    key,
  });
  const security = new SecurityStack(app, names.stack('Security'), {
    ...inSecurity,
    description: 'Suture: rules, workflow and API',
    remediations,
    parts,
    bundles,
    key,
    alarmKey,
  });
  security.addStackDependency(policyStack, 'its functions read the policy');
  security.addStackDependency(ledger, 'its functions use the ledger');
  if (context.audit)
    new AuditStack(app, names.stack('Audit'), {
      ...inSecurity,
      description: 'Suture: the hash-chained audit trail',
      bundles,
      key,
      ledger: ledger.table,
    });
  const messages = messagesInstallation(context);
  if (messages) {
    const stack = new MessagesStack(app, names.stack('Messages'), {
      ...inSecurity,
      description: 'Suture: chats, tickets and mail of owners',
      installation: messages,
      bundles,
      key,
      ledger: ledger.table,
    });
    stack.addStackDependency(security, 'its rules are on its bus');
  }
  return { security, key };
}

/**
 * Protects a stack of tables from deletion, except at the first deployment: CloudFormation could not remove a protected
 * stack whose creation failed, so the next try would fail too.
 */
const tableProtection = ({ bootstrap }: SutureContext) => ({ terminationProtection: !bootstrap });

const inAccount = (context: SutureContext, account: string) => ({
  context,
  env: { account, region: context.homeRegion },
  synthesizer: synthesizerFor(context, account),
});

/** Adds the service account's stacks: key, journal, then one stack for each family of remediations. */
function addRemediations(
  app: App,
  { context, remediations, parts, bundles }: Omit<Installation, 'policy'> & WithParts,
  { security, key }: Security,
): RemediationsStack[] {
  const names = namesOf(context);
  const service = new ServiceStack(app, names.stack('Service'), {
    ...inAccount(context, context.serviceAccount),
    description: 'Suture: key, alarm topic, invoker role and doctor of the remediations',
    securityKey: key,
    bundles,
    parts,
  });
  security.addStackDependency(service, 'its proxy assumes the invoker role');
  const journal = new JournalStack(app, names.stack('Journal'), {
    ...inAccount(context, context.serviceAccount),
    ...tableProtection(context),
    description: 'Suture: journal and its locked copies',
    parts,
    key: service.key,
  });
  return Array.from(Map.groupBy(remediations, familyOf), ([family, members]) => {
    const stack = new RemediationsStack(app, names.stack(`Remediations-${family}`), {
      ...inAccount(context, context.serviceAccount),
      description: `Suture: remediations of ${family}`,
      remediations: members,
      parts,
      bundles,
      key: service.key,
    });
    stack.addStackDependency(service, 'alarms go to its topic');
    stack.addStackDependency(journal, 'entries go into the journal');
    // An upgrade replaces the proxy first. Until then, the old proxy needs the aliases of its version, which permit it.
    stack.addStackDependency(security, 'its proxy comes through the invoker role');
    return stack;
  });
}

function addMemberRoles(
  app: App,
  { context, remediations, ipRanges }: Pick<OrgRolloutStackProps, 'context' | 'remediations' | 'ipRanges'>,
  families: readonly RemediationsStack[],
): void {
  const names = namesOf(context);
  const role = { context, remediations, description: MEMBER_ROLE_DESCRIPTION };
  if (context.trial) {
    addTrialRole(app, context, role, families);
    return;
  }
  new MemberRoleStack(app, names.stack('MemberRole'), { ...role, synthesizer: new BootstraplessSynthesizer() });
  const { rollout } = context;
  if (!rollout) return;
  const management = inAccount(context, rollout.managementAccount);
  const rolloutStack = new OrgRolloutStack(app, names.stack('OrgRollout'), {
    ...inAccount(context, rollout.account),
    description: 'Suture: brings the member role into the accounts of the organization',
    rollout,
    remediations,
    ipRanges,
  });
  // Last: nothing may act in an account before all checks are in place.
  for (const stack of families) rolloutStack.addStackDependency(stack, 'the member role trusts its roles');
  if (isDelegated(rollout))
    new RoleProtectionStack(app, names.stack('RoleProtection'), {
      ...management,
      description: 'Suture: keeps the member role as StackSets created it',
      rollout,
    });
  // Service-managed StackSets skip the management account.
  if (rollout.roleInManagementAccount)
    new MemberRoleStack(app, names.stack('ManagementRole'), { ...role, ...management });
}

/**
 * Adds the member role after all checks. Its stack is bootstrapped, because the CDK uploads a template of this size.
 */
function addTrialRole(
  app: App,
  context: SutureContext,
  role: MemberRoleStackProps,
  families: readonly RemediationsStack[],
): void {
  const stack = new MemberRoleStack(app, namesOf(context).stack('MemberRole'), {
    ...role,
    ...inAccount(context, context.serviceAccount),
  });
  for (const family of families) stack.addStackDependency(family, 'the member role trusts its roles');
}

/** Adds policies and roles of people, and permission sets if the context names an Identity Center. */
function addPeople(app: App, context: SutureContext, { security, key }: Security): void {
  const names = namesOf(context);
  const people = new PeopleStack(app, names.stack('People'), {
    ...inAccount(context, context.securityAccount),
    description: 'Suture: what people may do, and roles for them',
    key,
  });
  people.addStackDependency(security, 'its API');
  const { identityCenter } = context;
  if (!identityCenter) return;
  const { account, region } = identityCenter;
  const permissionSets = new IdentityCenterStack(app, names.stack('IdentityCenter'), {
    ...inAccount(context, account),
    env: { account, region },
    description: 'Suture: permission sets for people',
    identityCenter,
  });
  permissionSets.addStackDependency(people, 'its policies');
}
