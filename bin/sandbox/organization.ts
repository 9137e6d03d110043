/** The organization that the sandbox plays: Suture's two accounts as `cdk.json` names them, and members around them. */
import { readFile } from 'node:fs/promises';
import { createSandbox, type Sandbox, type SandboxOptions } from '../../sandbox/index.ts';
import { designateAdministrator } from '../../sandbox/services/securityhub.ts';
import { parseContext, type SutureContext } from '../../stacks/context.ts';
import { assembly } from '../../tools/synth.ts';

export const MANAGEMENT = '999999999999';

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
  progress('starting the sandbox');
  const sandbox = await createSandbox({
    organization: organizationOf(context, members),
    homeRegion: context.homeRegion,
    ...options,
  });
  designateAdministrator(sandbox.kernel, { account: context.securityAccount, region: context.homeRegion });
  progress('deploying the templates');
  const memberAccounts = members.filter(({ withoutRole }) => !withoutRole).map(({ id }) => id);
  await sandbox.deploy(synthesized.directory, { memberAccounts });
  return { sandbox, context, synthesized };
}

export async function sampleContext(): Promise<SutureContext> {
  const file = new URL('../../cdk.json', import.meta.url);
  return parseContext(JSON.parse(await readFile(file, 'utf8')).context.suture);
}

export const organizationOf = (context: SutureContext, members: readonly Member[]): SandboxOptions['organization'] => ({
  id: context.organizationId,
  managementAccount: MANAGEMENT,
  accounts: [
    { id: MANAGEMENT, name: 'management', ouPath: '/' },
    { id: context.securityAccount, name: 'security', ouPath: '/Security' },
    { id: context.serviceAccount, name: 'suture-service', ouPath: '/Security' },
    ...members.map(({ id, name, status }) => ({ id, name, status, ouPath: '/Workloads' })),
  ],
  delegatedAdministrators: {
    'securityhub.amazonaws.com': [context.securityAccount],
    'account.amazonaws.com': [context.securityAccount],
  },
});
