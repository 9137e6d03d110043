import type { AppConfigClient } from '@aws-sdk/client-appconfig';
import type { Proposal } from '../../../functions/domain/proposal.ts';
import { defineCommand, SECURITY_ACCOUNT_ACCESS } from '../../command.ts';
import { UsageError } from '../../errors/usage-error.ts';
import { parseReason } from '../../options/reason.ts';
import { DRY_RUN_OPTION, jsonOption, REASON_OPTION, YES_OPTION } from '../../options/standard.ts';
import { parseWholeNumber } from '../../options/whole-number.ts';
import { confirm } from '../../output/confirm.ts';

export type PolicyPushOptions = {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly version?: number;
  readonly reason?: string;
  readonly client?: AppConfigClient;
  readonly progress?: (line: string) => void;
  readonly announce?: () => Promise<void>;
};

export default defineCommand<PolicyPushOptions, [file?: string]>({
  name: 'push',
  summary: 'deploy a policy, or propose it to a second person if it lets Suture write more',
  arguments: [{ name: '[file]', text: 'default: policy.yaml' }],
  options: [
    {
      flags: '--version <number>',
      text: 'deploy an earlier version again, instead of a file',
      parse: parseWholeNumber,
    },
    REASON_OPTION,
    DRY_RUN_OPTION,
    YES_OPTION,
    jsonOption('one JSON object: deployed (before), changes, version, deployment, proposal'),
  ],
  examples: [
    'suture policy push --reason "wave 2: security groups of production"',
    'suture policy push --dry-run',
    'suture policy push --yes --json wave-2.yaml',
    'suture policy push --version 7        goes back to version 7',
  ],
  notes: `
Checks the policy, shows what changes, asks, and waits for the deployment. Lines marked ! let Suture write what it may not
now: then somebody else must approve the policy, and the command prints how. The person who approves sees the reason, and the
audit trail keeps it.`.trim(),
  writes: true,
  access: SECURITY_ACCOUNT_ACCESS,
  exitCodes: {
    0: 'it is deployed or proposed, or nothing changes',
    1: 'it was refused or failed',
    2: 'wrong usage or nobody to ask',
  },
  run: (options, file) => pushCommand(file, options),
});

export async function pushCommand(file: string | undefined, options: PolicyPushOptions): Promise<string> {
  const { json, yes, dryRun, version: earlier, client, progress = () => {}, announce } = options;
  if (file !== undefined && earlier !== undefined) throw new UsageError('Give a file or --version, not both.');
  const reason = options.reason === undefined ? undefined : parseReason(options.reason);
  const { readPolicyFile } = await import('../../policy/policy-file.ts');
  const { comparePolicies, comparisonText, deployedNumbers, parseVersion } = await import('../../policy/comparison.ts');
  const { policyStore } = await import('../../clients/policy.ts');
  const fromFile = earlier === undefined ? await readPolicyFile(file) : undefined;
  await announce?.();
  const store = await policyStore(client);
  // Only operators may list versions, which the next call does.
  if (!yes && !dryRun) await store.requirePermission();
  const latest = await store.latestVersion();
  const deployed = await store.deployed();
  const policy = fromFile ?? parseVersion(await store.contentOf(earlier!), earlier!);
  const comparison = comparePolicies(deployed, policy);
  const report = (version: number | null, reply: { deployment?: number; proposal?: Proposal }) => {
    const { deployment = null, proposal = null } = reply;
    const deployed = deployedNumbers(comparison);
    return JSON.stringify({ deployed, changes: comparison.changes, version, deployment, proposal }, null, 2);
  };
  if (comparison.changes.length === 0 && !comparison.unreadable)
    return json ? report(null, {}) : comparisonText(comparison);

  if (dryRun) return json ? report(null, {}) : `${comparisonText(comparison)}\nNothing was deployed.`;
  if (!json) progress(comparisonText(comparison));
  const question = `Deploy ${earlier === undefined ? (file ?? 'policy.yaml') : `version ${earlier}`}?`;
  await confirm(question, { yes, refusal: 'Nothing was deployed.' });
  const version = earlier ?? (await store.add(policy, latest));
  const reply = await store.deploy(version, progress, reason);
  if (json) return report(version, reply);
  if ('proposal' in reply) {
    const { proposedText } = await import('../../proposals/proposal-text.ts');
    return proposedText(
      `Version ${version} is not deployed: it lets Suture write what it may not now.`,
      reply.proposal,
    );
  }
  return [
    `Version ${version} is deployed; every function reads it within a minute, and an execution that a person starts at once.`,
    ...(deployed ? [`To go back: suture policy push --version ${deployed.version}`] : []),
    ...(earlier === undefined ? ['Commit the file too: the next push compares with what is deployed.'] : []),
  ].join('\n');
}
