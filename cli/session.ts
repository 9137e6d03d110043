/** The credentials, Region and installation of one command. */
import type { CommandDefinition } from './command.ts';
import { Unreachable } from './errors/unreachable.ts';

export type Session = {
  /** The name of the installation, if one is configured and used. */
  readonly installation?: string;
};

/**
 * Makes the SDK clients of this process use the person's installation and profile.
 * @param installation its name, instead of SUTURE_INSTALLATION or the current one
 * @throws Unreachable if the credentials belong to another account than the installation
 */
export async function beginSession(
  installation = process.env.SUTURE_INSTALLATION,
  { inOtherAccount }: Pick<CommandDefinition, 'inOtherAccount'> = {},
): Promise<Session> {
  const { useInstallation } = await import('./clients/installations.ts');
  const choice = await useInstallation(installation || undefined);
  await checkEnvironment();
  const { AWS_PROFILE } = process.env;
  if (AWS_PROFILE) await (await import('./clients/profile.ts')).useProfile(AWS_PROFILE);
  if (!choice) return {};
  if (inOtherAccount) return { installation: choice.name };
  const { account, caller } = await currentCaller();
  if (account !== choice.installation.account)
    throw new Unreachable(
      `These credentials are ${caller}, but the installation "${choice.name}" is in account ${choice.installation.account}. Give --profile, or another --installation.`,
    );
  return { installation: choice.name };
}

/** @throws Unreachable if a variable has a value that no installation can have */
async function checkEnvironment(): Promise<void> {
  const { AWS_REGION, SUTURE_PREFIX } = process.env;
  const { regionProblem } = await import('./clients/known-region.ts');
  const problem = AWS_REGION && regionProblem(AWS_REGION);
  if (problem) throw new Unreachable(`${problem} Give --home-region, or correct AWS_REGION.`);
  const { Prefix } = await import('../functions/domain/prefix.ts');
  const { error } = Prefix.optional().safeParse(SUTURE_PREFIX || undefined);
  if (error) throw new Unreachable(`SUTURE_PREFIX is "${SUTURE_PREFIX}": expected ${error.issues[0]!.message}.`);
}

/** Returns the first line of commands that write. */
export async function sessionText({ installation }: Session): Promise<string> {
  const { account, region, caller } = await currentCaller();
  return `Suture ${installation ? `"${installation}" ` : ''}in account ${account}, ${region}; you are ${caller}.`;
}

const currentCaller = async () => (await import('./clients/caller.ts')).callerOf();
