/** The organization that the sandbox plays: Suture's two accounts as `cdk.json` names them, and members around them. */
import { readFile } from 'node:fs/promises';
import { createSandbox, type Sandbox, type SandboxOptions } from '../../sandbox/index.ts';
import { designateAdministrator } from '../../sandbox/services/securityhub/index.ts';
import { assembly } from '../../stacks/assembly.ts';
import { parseContext, type SutureContext } from '../../stacks/context.ts';

/** The organization of this repository's cdk.json, which is nobody's. */
export const EXAMPLE_ORGANIZATION = 'o-sandbox0001';
export const MANAGEMENT = '999999999999';

/** Where members are in the organization: in a unit of the rollout. */
export const OU_PATH = '/Workloads';
/** Where the rollout does not reach. */
const ELSEWHERE = '/Acquired';
const STACK_SETS = 'member.org.stacksets.cloudformation.amazonaws.com';
/** Accounts share with the organization. */
const SHARING = 'ram.amazonaws.com';

export type Member = {
  readonly id: string;
  readonly name: string;
  readonly status?: 'ACTIVE' | 'SUSPENDED';
  /** An account that the rollout of the member role has not reached. */
  readonly withoutRole?: true;
};

/** The members of `npm start` and `npm run sandbox`. */
export const MEMBERS: readonly Member[] = [
  { id: '333333333333', name: 'shop-production' },
  { id: '444444444444', name: 'data-platform' },
  { id: '555555555555', name: 'training' },
  { id: '666666666666', name: 'acquired-company', withoutRole: true },
];

export type Running = {
  readonly sandbox: Sandbox;
  readonly context: SutureContext;
  readonly synthesized: Awaited<ReturnType<typeof assembly>>;
};

/** Synthesizes the stacks (or reuses them), starts a sandbox with these members and deploys the templates into it. */
export async function runOrganization(
  members: readonly Member[],
  options: Partial<SandboxOptions> = {},
  progress: (step: string) => void = () => {},
): Promise<Running> {
  const context = await sampleContext();
  progress('synthesizing the stacks');
  const synthesized = await assembly();
  progress('starting the sandbox and deploying the templates');
  const sandbox = await startOrganization({ context, members, directory: synthesized.directory }, options);
  return { sandbox, context, synthesized };
}

export type Installed = {
  readonly context: SutureContext;
  readonly members: readonly Member[];
  /** The assembly to deploy. */
  readonly directory: string;
  readonly management?: string;
};

/** Starts a sandbox with Suture's accounts and these members, and deploys the assembly into it. */
export async function startOrganization(
  { context, members, directory, management = MANAGEMENT }: Installed,
  options: Partial<SandboxOptions> = {},
): Promise<Sandbox> {
  const sandbox = await createSandbox({
    organization: organizationOf(context, members, management),
    homeRegion: context.homeRegion,
    partition: context.partition,
    ...options,
  });
  designateAdministrator(sandbox.kernel, { account: context.securityAccount, region: context.homeRegion });
  await sandbox.deploy(directory, { memberAccounts: context.rollout ? [] : reached(members) });
  return sandbox;
}

/** By hand, where cdk.json rolls nothing out. */
const reached = (members: readonly Member[]) => members.filter(({ withoutRole }) => !withoutRole).map(({ id }) => id);

export async function sampleContext(): Promise<SutureContext> {
  const file = new URL('../../cdk.json', import.meta.url);
  return parseContext(JSON.parse(await readFile(file, 'utf8')).context.suture);
}

export const organizationOf = (
  context: SutureContext,
  members: readonly Member[],
  management = MANAGEMENT,
): SandboxOptions['organization'] => {
  const { securityAccount, serviceAccount, rollout } = context;
  const roots = rollout?.units.filter((id) => id.startsWith('r-')) ?? [];
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
    // Members are in the first one; the others are there because the rollout names them.
    unitIds: Object.fromEntries(units.map((id, n) => [n === 0 ? OU_PATH : `${OU_PATH}-${n + 1}`, id])),
    accounts: [
      ...own,
      ...(own.some(({ id }) => id === administrator)
        ? []
        : [{ id: administrator, name: 'administrator', ouPath: '/' }]),
      ...members.map(({ id, name, status, withoutRole }) => ({
        id,
        name,
        status,
        ouPath: withoutRole ? ELSEWHERE : OU_PATH,
      })),
    ],
    delegatedAdministrators: {
      'securityhub.amazonaws.com': [securityAccount],
      'account.amazonaws.com': [securityAccount],
      ...(administrator !== management && { [STACK_SETS]: [administrator] }),
    },
    trustedServices: [STACK_SETS, SHARING],
  };
};
