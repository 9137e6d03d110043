import type { ConfiguredInstallation, Installations } from '../clients/installations.ts';
import { defineCommand } from '../command.ts';
import { UsageError } from '../errors/usage-error.ts';
import { jsonOption } from '../options/standard.ts';

export type ConfigureOptions = {
  readonly profile?: string;
  /** Short for the profile of a role. */
  readonly as?: string;
  readonly homeRegion?: string;
  readonly account?: string;
  readonly prefix?: string;
  readonly use?: boolean;
  readonly remove?: boolean;
  readonly json?: boolean;
};

export default defineCommand<ConfigureOptions, [name?: string]>({
  name: 'configure',
  heading: 'Set up',
  summary: 'name an installation (profile, Region, security account), list them, or switch between them',
  arguments: [{ name: '[name]', text: 'such as production; without a name, the installations are listed' }],
  options: [
    { flags: '--account <id>', text: 'the security account' },
    { flags: '--prefix <prefix>', text: 'the prefix in its context, if it is not suture' },
    { flags: '--use', text: 'make it the one that commands use' },
    { flags: '--remove', text: 'forget it; nothing changes in AWS' },
    jsonOption('one JSON object: current, installations'),
  ],
  notes: `
--profile (or --as) and --home-region belong to the installation here. Commands take the installation that --installation or
SUTURE_INSTALLATION names, else the current one; credentials, AWS_PROFILE, AWS_REGION and SUTURE_PREFIX of the
environment prevail. A command ends with exit code 3 if its credentials belong to another account than the installation.`.trim(),
  examples: [
    'suture --profile suture-operator --home-region us-east-1 configure production --account 111111111111',
    'suture --profile staging-viewer --home-region us-east-1 configure staging --account 222222222222 --prefix staging',
    'suture configure staging --use',
    'suture configure',
  ],
  run: (options, name) => configureCommand(name, options),
});

/** @throws UsageError if the options do not fit together */
export async function configureCommand(name: string | undefined, options: ConfigureOptions): Promise<string> {
  const { installationNamed, installationsFile, readInstallations, writeInstallations } = await import(
    '../clients/installations.ts'
  );
  const all = (await readInstallations()) ?? { current: '', installations: {} };
  const show = (after: Installations) => (options.json ? JSON.stringify(after, null, 2) : listText(after));
  if (name === undefined) {
    if (options.use || options.remove || options.account || options.prefix)
      throw new UsageError('Name the installation.');
    return show(all);
  }
  if (!/^[\w-]{1,40}$/.test(name))
    throw new UsageError(`"${name}" is not a name: 1 to 40 letters, digits, hyphens and underscores.`);
  if (options.remove) {
    installationNamed(all, name);
    const after = withoutInstallation(all, name);
    await writeInstallations(after);
    return show(after);
  }
  const known = options.use ? installationNamed(all, name) : all.installations[name];
  const { DEFAULT_PREFIX, namesOf } = await import('../../functions/domain/names.ts');
  const names = namesOf({ prefix: options.prefix ?? known?.prefix ?? DEFAULT_PREFIX });
  const installation = await parseInstallation(
    { ...known, ...settingsIn(options, options.as && names.person(options.as)) },
    name,
  );
  const current = options.use || all.current === '' ? name : all.current;
  const after = { current, installations: { ...all.installations, [name]: installation } };
  await writeInstallations(after);
  return options.json ? show(after) : `${show(after)}\nKept in ${installationsFile()}.`;
}

/** If the installation is the current one, the first of the others becomes current. */
function withoutInstallation({ current, installations }: Installations, name: string): Installations {
  const { [name]: _, ...rest } = installations;
  return { current: current === name ? (Object.keys(rest)[0] ?? '') : current, installations: rest };
}

/** @param person the profile that --as stands for */
const settingsIn = (
  { profile, homeRegion, account, prefix }: ConfigureOptions,
  person?: string,
): Partial<ConfiguredInstallation> => ({
  ...((profile ?? person) !== undefined && { profile: profile ?? person }),
  ...(homeRegion !== undefined && { region: homeRegion }),
  ...(account !== undefined && { account }),
  ...(prefix !== undefined && { prefix }),
});

/** @throws UsageError if a setting is missing or has a wrong form */
async function parseInstallation(
  { profile, region, account, prefix }: Partial<ConfiguredInstallation>,
  name: string,
): Promise<ConfiguredInstallation> {
  const { addInstallationCommand } = await import('../clients/installations.ts');
  if (account === undefined || !/^\d{12}$/.test(account))
    throw new UsageError(
      `--account takes the 12 digits of the security account${account === undefined ? '' : `, not "${account}"`}. For example: ${addInstallationCommand(name)}`,
    );
  if (region === undefined) throw new UsageError('Give the home Region: --home-region us-east-1.');
  const { regionProblem } = await import('../clients/known-region.ts');
  const problem = regionProblem(region);
  if (problem) throw new UsageError(problem);
  const { Prefix } = await import('../../functions/domain/prefix.ts');
  const { error } = Prefix.optional().safeParse(prefix);
  if (error) throw new UsageError(`--prefix is "${prefix}": expected ${error.issues[0]!.message}.`);
  return { profile, region, account, ...(prefix !== undefined && { prefix }) };
}

function listText({ current, installations }: Installations): string {
  const lines = Object.entries(installations).map(
    ([name, { profile, region, account, prefix }]) =>
      `${name === current ? '*' : ' '} ${name}  account ${account}, ${region}, ${prefix ? `prefix ${prefix}, ` : ''}${profile ? `profile ${profile}` : 'credentials of the environment'}`,
  );
  return lines.length > 0 ? lines.join('\n') : 'No installation is configured. Add one: suture configure --help';
}
