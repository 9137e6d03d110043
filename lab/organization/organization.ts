/** The organization in the sandbox: Suture's own accounts as `cdk.json` names them, and member accounts. */
import { createSandbox, type Sandbox, type SandboxOptions } from '../../sandbox/index.ts';
import { designateAdministrator } from '../../sandbox/services/securityhub/simulation.ts';
import { type Assembly, assembly, type ContextSettings } from '../../stacks/assembly.ts';
import { readCdkJsonContext, type SutureContext } from '../../stacks/context.ts';

export const MANAGEMENT_ACCOUNT = '999999999999';

export const MEMBER_OU_PATH = '/Workloads';
const OU_PATH_WITHOUT_ROLE = '/Acquired';
const STACK_SETS = 'member.org.stacksets.cloudformation.amazonaws.com';
const RESOURCE_SHARING = 'ram.amazonaws.com';
const ACCOUNT_MANAGEMENT = 'account.amazonaws.com';

export type MemberAccount = {
  readonly id: string;
  readonly name: string;
  readonly status?: 'ACTIVE' | 'SUSPENDED';
  /** The rollout of the member role has not reached the account. */
  readonly withoutRole?: true;
  /** Default: `MEMBER_OU_PATH`. Outside it, the account has the role without the rollout. */
  readonly ouPath?: string;
};

export const SAMPLE_MEMBERS: readonly MemberAccount[] = [
  { id: '333333333333', name: 'shop-production' },
  { id: '444444444444', name: 'data-platform' },
  { id: '555555555555', name: 'training' },
  { id: '666666666666', name: 'acquired-company', withoutRole: true },
];

export type RunningOrganization = {
  readonly sandbox: Sandbox;
  readonly context: SutureContext;
  readonly synthesized: Assembly;
};

export type RunningOptions = Partial<SandboxOptions> & {
  /** Flags of the context that differ from `cdk.json`. */
  readonly settings?: ContextSettings;
  /** An assembly of another version, instead of the current one. */
  readonly directory?: string;
  /** A synthesis that has begun already. */
  readonly synthesized?: Promise<Assembly>;
  /** Runs before the stacks are deployed. Does what people do then, such as creating secrets. */
  readonly prepare?: (sandbox: Sandbox) => Promise<void>;
};

/** Synthesizes the stacks or reuses them, starts a sandbox with these members and deploys the templates into it. */
export async function runOrganization(
  members: readonly MemberAccount[],
  { settings, directory, synthesized: begun, prepare, ...options }: RunningOptions = {},
  progress: (step: string) => void = () => {},
): Promise<RunningOrganization> {
  const context = await readCdkJsonContext();
  const synthesized = directory
    ? { directory, reused: true, seconds: 0 }
    : await (begun ?? assembly({ settings, progress: (step) => progress(`synthesizing: ${step}`) }));
  progress(`deploying ${synthesized.reused ? 'the stacks of an earlier synthesis' : 'the stacks'}`);
  const sandbox = await startOrganization({ context, members, directory: synthesized.directory, prepare }, options);
  return { sandbox, context, synthesized };
}

export type OrganizationSetup = {
  readonly context: SutureContext;
  readonly members: readonly MemberAccount[];
  readonly directory: string;
  readonly management?: string;
  readonly prepare?: RunningOptions['prepare'];
};

export async function startOrganization(
  { context, members, directory, management = MANAGEMENT_ACCOUNT, prepare }: OrganizationSetup,
  options: Partial<SandboxOptions> = {},
): Promise<Sandbox> {
  const sandbox = await createSandbox({
    organization: organizationOptions(context, members, management),
    homeRegion: context.homeRegion,
    partition: context.partition,
    ...options,
  });
  designateAdministrator(sandbox.kernel, { account: context.securityAccount, region: context.homeRegion });
  try {
    await prepare?.(sandbox);
    await sandbox.deploy(directory, { memberAccounts: accountsBesideRollout(context, members) });
  } catch (error) {
    // An open server would keep the process alive.
    await sandbox.close();
    throw error;
  }
  return sandbox;
}

/** Returns the accounts that no rollout of cdk.json reaches. The sandbox deploys the member template to them. */
function accountsBesideRollout({ rollout }: SutureContext, members: readonly MemberAccount[]): string[] {
  const isReached = ({ ouPath = MEMBER_OU_PATH }: MemberAccount) =>
    rollout && (rollout.units.some(isRootId) || `${ouPath}/`.startsWith(`${MEMBER_OU_PATH}/`));
  return members.filter((member) => !member.withoutRole && !isReached(member)).map(({ id }) => id);
}

const isRootId = (id: string) => id.startsWith('r-');

export function organizationOptions(
  context: SutureContext,
  members: readonly MemberAccount[],
  management = MANAGEMENT_ACCOUNT,
): SandboxOptions['organization'] {
  const { securityAccount, serviceAccount, rollout } = context;
  const roots = rollout?.units.filter(isRootId) ?? [];
  const units = rollout?.units.filter((id) => id.startsWith('ou-')) ?? [];
  const own = [
    { id: management, name: 'management', ouPath: '/' },
    { id: securityAccount, name: 'security', ouPath: '/Security' },
    { id: serviceAccount, name: 'suture-service', ouPath: '/Security' },
  ];
  const administrator = rollout?.account ?? management;
  return {
    id: context.organizationId,
    managementAccount: management,
    rootId: roots[0],
    // Members are in the first unit. The others exist because the rollout names them.
    unitIds: Object.fromEntries(units.map((id, n) => [n === 0 ? MEMBER_OU_PATH : `${MEMBER_OU_PATH}-${n + 1}`, id])),
    accounts: [
      ...own,
      ...(own.some(({ id }) => id === administrator)
        ? []
        : [{ id: administrator, name: 'administrator', ouPath: '/' }]),
      ...members.map(({ id, name, status, withoutRole, ouPath = MEMBER_OU_PATH }) => ({
        id,
        name,
        status,
        ouPath: withoutRole ? OU_PATH_WITHOUT_ROLE : ouPath,
      })),
    ],
    delegatedAdministrators: {
      'securityhub.amazonaws.com': [securityAccount],
      [ACCOUNT_MANAGEMENT]: [securityAccount],
      ...(administrator !== management && { [STACK_SETS]: [administrator] }),
    },
    trustedServices: [STACK_SETS, RESOURCE_SHARING, ACCOUNT_MANAGEMENT],
  };
}
