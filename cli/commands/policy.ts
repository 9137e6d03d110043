/** `suture policy check|diff|push`: a policy from the desk to AppConfig. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { AppConfigClient } from '@aws-sdk/client-appconfig';
import { SuturePolicy } from '../../functions/domain/policy.ts';
import { remediations } from '../../functions/remediations/registry.generated.ts';
import { PolicyError, parsePolicy } from '../../stacks/policy.ts';
import { type Deployed, policyStore } from '../clients/policy.ts';
import { Failure } from '../errors/failure.ts';
import { UsageError } from '../errors/usage-error.ts';
import { fromCaller } from '../options/from-caller.ts';
import { confirmed } from '../output/confirm.ts';
import { colour } from '../output/terminal.ts';
import { type Change, changesBetween } from '../policy/changes.ts';

/** Without a name the repository's own, in whose folder npm runs commands. */
const pathOf = (file: string | undefined) => (file === undefined ? 'policy.yaml' : fromCaller(file));
const RUN = 'npm run -s suture --';

type Json = { readonly json?: boolean };
export type PushOptions = Json & {
  readonly yes?: boolean;
  /** An earlier version to go back to, instead of a file. */
  readonly version?: number;
  readonly client?: AppConfigClient;
  readonly progress?: (line: string) => void;
};

/** Every problem of the file with its line. */
export async function checkCommand(
  given: string | undefined,
  { json }: Json,
): Promise<{ text: string; valid: boolean }> {
  const file = given ?? 'policy.yaml';
  const problems = await problemsOf(given);
  const valid = problems.length === 0;
  if (json) return { text: inJson({ file, valid, problems }), valid };
  return { text: valid ? `${file} is valid.` : [...problems, countOf(problems.length, 'problem')].join('\n'), valid };
}

async function problemsOf(file: string | undefined): Promise<readonly string[]> {
  try {
    await policyIn(file);
    return [];
  } catch (error) {
    if (error instanceof PolicyError) return error.problems;
    throw error;
  }
}

/** What would change for findings if the file were deployed. */
export async function diffCommand(
  file: string | undefined,
  { json, client = new AppConfigClient({}) }: Json & { readonly client?: AppConfigClient },
): Promise<string> {
  const policy = await policyIn(file);
  const deployed = await (await policyStore(client)).deployed();
  const { changes, unreadable } = compared(deployed, policy);
  if (json) return inJson({ deployed: namesOf(deployed), changes });
  return shown(changes, deployed, unreadable);
}

/** Deploys the file, or an earlier version again, when somebody agrees. */
export async function pushCommand(file: string | undefined, options: PushOptions): Promise<string> {
  const { json, yes, version: earlier, client = new AppConfigClient({}), progress = () => {} } = options;
  if (file !== undefined && earlier !== undefined) throw new UsageError('Give a file or --version, not both.');
  const given = earlier === undefined ? await policyIn(file) : undefined;
  const store = await policyStore(client);
  const latest = await store.latestVersion();
  const deployed = await store.deployed();
  const policy = given ?? readable(await store.contentOf(earlier!), earlier!);
  const { changes, unreadable } = compared(deployed, policy);
  const difference = shown(changes, deployed, unreadable);
  if (changes.length === 0 && !unreadable)
    return json ? inJson({ deployed: namesOf(deployed), changes, version: null, deployment: null }) : difference;

  if (!json) progress(difference);
  if (!(await confirmed(`Deploy ${earlier === undefined ? (file ?? 'policy.yaml') : `version ${earlier}`}?`, { yes })))
    throw new Failure('Nothing was deployed.');
  const version = earlier ?? (await store.add(policy, latest));
  const deployment = await store.deploy(version, progress);
  if (json) return inJson({ deployed: namesOf(deployed), changes, version, deployment });
  return [
    `Version ${version} is deployed; every function goes by it within a minute.`,
    ...(deployed ? [`To go back: ${RUN} policy push --version ${deployed.version}`] : []),
    ...(earlier === undefined
      ? ['Commit the file too: the next cdk deploy that changes it deploys what it says.']
      : []),
  ].join('\n');
}

/** @throws UsageError where there is no such file, PolicyError where it is invalid */
async function policyIn(given: string | undefined): Promise<SuturePolicy> {
  const file = pathOf(given);
  const text = await readFile(file, 'utf8').catch((error) => {
    throw new UsageError(
      `${file} cannot be read: ${error.code === 'ENOENT' ? 'there is no such file' : error.message}`,
    );
  });
  return parsePolicy(text, basename(file), remediations);
}

function readable(content: unknown, version: number): SuturePolicy {
  const parsed = SuturePolicy.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new Failure(`Version ${version} was made for another version of Suture; deploy a file instead.`);
}

/** Against nothing, or what this Suture cannot read, everything counts as new. */
function compared(deployed: Deployed | undefined, policy: SuturePolicy) {
  const before = SuturePolicy.safeParse(deployed?.content);
  const nothing = SuturePolicy.parse({ version: 1, controls: {} });
  return {
    changes: changesBetween(before.success ? before.data : nothing, policy, remediations),
    unreadable: !before.success,
  };
}

function shown(changes: readonly Change[], deployed: Deployed | undefined, unreadable: boolean): string {
  const against = deployed ? `version ${deployed.version}, which is deployed` : 'nothing: no policy is deployed yet';
  if (changes.length === 0 && !unreadable) return `Nothing changes against ${against}.`;
  const automatic = changes.filter(({ becomesAuto }) => becomesAuto).length;
  const lines = changes.map(({ words, becomesAuto }) => (becomesAuto ? colour('red', `! ${words}`) : `  ${words}`));
  return [
    ...lines,
    `${countOf(changes.length, 'change')} against ${against}${automatic > 0 ? `; ${automatic} marked ! let Suture write by itself` : ''}.`,
    ...(deployed && unreadable
      ? ['What is deployed was made for another version of Suture; everything counts as new.']
      : []),
  ].join('\n');
}

const namesOf = (deployed: Deployed | undefined) =>
  deployed ? { version: deployed.version, deployment: deployed.deployment } : null;
const inJson = (value: object) => JSON.stringify(value, null, 2);
const countOf = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;
