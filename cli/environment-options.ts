/** The options of every command that choose credentials, Region and installation. */
import type { Command } from 'commander';
import { UsageError } from './errors/usage-error.ts';

type EnvironmentOptions = {
  readonly installation?: string;
  readonly profile?: string;
  readonly as?: string;
  readonly homeRegion?: string;
};

/** Sets the profile and the Region of the process, as the options say. */
export async function useEnvironment(command: Command): Promise<void> {
  const { as, homeRegion, installation, ...rest } = command.optsWithGlobals<EnvironmentOptions>();
  const profile = rest.profile ?? (as && (await profileOf(as, installation)));
  requireHomeRegion(command);
  if (profile !== undefined) process.env.AWS_PROFILE = profile;
  if (homeRegion !== undefined) process.env.AWS_REGION = homeRegion;
}

/** Returns the profile of a role: it has the role's name in the installation. */
async function profileOf(person: string, installation: string | undefined): Promise<string> {
  const { namesOfInstallation } = await import('./clients/installations.ts');
  return (await namesOfInstallation(installation)).person(person);
}

/**
 * Refuses `--region` alone until the next release: in an older script it means the home Region.
 * @throws UsageError that tells both options apart
 */
function requireHomeRegion(command: Command): void {
  const { region, homeRegion, installation } = command.optsWithGlobals<Record<string, string | undefined>>();
  const isFilter = command.options.some(({ long }) => long === '--region');
  if (region === undefined || (isFilter && (homeRegion ?? installation ?? process.env.SUTURE_INSTALLATION))) return;
  throw new UsageError(
    isFilter
      ? `--region selects findings by their Region, and no longer is the home Region. In this release it needs --home-region beside it: --home-region us-east-1 --region ${region}, or --installation.`
      : `--region is no longer the home Region, the one of the ledger: that is --home-region ${region}. Of commands with filters, such as suture list, --region selects findings by their Region.`,
  );
}
