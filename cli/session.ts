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

/** The line with which commands begin that write. */
export async function sessionText({ installation }: Session): Promise<string> {
  const { account, region, caller } = await currentCaller();
  return `Suture ${installation ? `"${installation}" ` : ''}in account ${account}, ${region}; you are ${caller}.`;
}

const currentCaller = async () => (await import('./clients/caller.ts')).callerOf();
