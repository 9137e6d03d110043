/** The likely causes of errors whose message does not list them, in order, each with the command or the article. Pure. */
import { STILL_FAILING } from '../../functions/domain/ledger.ts';
import { FOREIGN_POLICIES } from '../../functions/domain/own-denials.ts';
import { installedNames } from '../clients/installed-names.ts';
import type { SUTURE_ERRORS } from '../names/known-values.ts';
import { SUTURE } from '../output/suture-command.ts';
import { type FailedState, ownCauses } from './own-causes.ts';

type KnownError = (typeof SUTURE_ERRORS)[number];

const RUNBOOK = 'docs/runbook.md';
const COUNTED = `${SUTURE} status`;
const LISTED = `${SUTURE} stops`;
const CHECKED = `${SUTURE} doctor`;

const AWS_BUSY: readonly string[] = [
  `AWS was busy for longer than the retries last, and is not any more: replay it. ${COUNTED} has what was throttled`,
  `Something else in the account makes many calls: CloudTrail of the account names it. ${RUNBOOK}#executions-throttled`,
];

/** `saidBy`: the words of an error's text that name the cause. */
const STOPPED: readonly { readonly text: string; readonly saidBy: RegExp }[] = [
  {
    text: `An exception of policy covers the finding now: replay it, which ends it as ignored. ${SUTURE} policy show`,
    saidBy: /A replay ends it as ignored, or continues/,
  },
  {
    text: `Policy excludes the account now: replay it, which ends it as ignored, or take the account out of excludedAccounts before. ${SUTURE} policy show`,
    saidBy: /^Policy excludes account /,
  },
  {
    text: `Policy's mode for the control is off now: replay it when it is another one. ${SUTURE} policy show`,
    saidBy: /when the finding was triaged, policy allowed/,
  },
  {
    text: `The account has left the organization, is suspended, or cdk.json excludes it: replay it, which ends it as ignored. ${SUTURE} doctor`,
    saidBy: /^Account \d+ (?:has left|is )/,
  },
  { text: `Somebody stopped Suture: ${LISTED}`, saidBy: /^Suture is stopped/ },
];

const CAUSES: Readonly<Record<KnownError, readonly string[]>> = {
  Throttled: AWS_BUSY,
  ServiceUnavailable: [
    `The service had an outage in that Region: look at AWS's health page, then replay it. ${COUNTED} has how many it hit`,
    `A function has no network to the endpoint: ${CHECKED}`,
  ],
  ResourceBusy: [
    `Its owner or AWS is changing the resource: wait until it is available, then replay it. The links of ${SUTURE} show name who`,
    `Another execution holds the resource: ${SUTURE} list --status open`,
  ],
  ChangePending: [
    'AWS takes longer than the retries last to show the change: look at the resource, then replay it, which verifies it. ' +
      RUNBOOK +
      '#executions-failed',
  ],
  PolicyUnavailable: [
    `The deployment of the policy was rolled back, or there is none: ${SUTURE} policy show. ${RUNBOOK}#policy-unavailable`,
    `The role of the function that reads it was changed, of which the text has the name: ${SUTURE} policy show reads with yours. ${FOREIGN_POLICIES}`,
    `Somebody changed the policy outside of Suture, or its AppConfig profile or key: ${RUNBOOK}#policy-unavailable`,
    `AppConfig had an outage: when ${SUTURE} policy show succeeds, replay it`,
  ],
  FindingRejected: [
    `Somebody forged the finding, or imported one that AWS could not have made: ${RUNBOOK}#findings-rejected`,
  ],
  MemberRoleUnavailable: [`The member role is missing, or does not trust the remediation's execution role: ${CHECKED}`],
  MemberRoleOutdated: [
    `The rollout has not reached the account: ${CHECKED}, and docs/upgrade.md#a-role-that-is-too-old`,
  ],
  StackOutdated: [
    'The stacks are of different releases: docs/upgrade.md#while-half-of-the-stacks-are-new',
    'Somebody deleted the function of the remediation, or its alias live: docs/upgrade.md#while-half-of-the-stacks-are-new',
  ],
  MemberAccessDenied: [`The member role or a policy of the organization denies the call: ${CHECKED}`],
  PackedPolicyTooLarge: [
    `STS cannot pack the session of a single target: fix it by hand, then ${SUTURE} exempt, ${SUTURE} policy push, and replay it. ${RUNBOOK}#at-three-in-the-morning`,
  ],
  ChangeNotVerified: [
    'A stack, a pipeline or a person set it back: CloudTrail of the account names who. ' +
      RUNBOOK +
      '#recurring-findings',
    `AWS showed the change later than Suture looked: replay it. ${RUNBOOK}#executions-failed`,
  ],
  RollbackFailed: [
    `A call was denied, or the resource does not show the restored state: bring it to that state by hand. ${RUNBOOK}#rollback-failed`,
  ],
  Stopped: STOPPED.map(({ text }) => text),
  CapReached: [
    `Many findings came at once, and the policy's cap lets few through in an hour: ${LISTED}`,
    `Somebody imports findings in bulk: ${RUNBOOK}#findings-rejected`,
  ],
  PlanChanged: [
    `Somebody changes the resource between plan and approval: CloudTrail of the account names who; then ${SUTURE} replay with --again`,
  ],
  CircuitOpen: [`Too many changes of this remediation failed: ${LISTED}, and ${RUNBOOK}#circuit-opened`],
  ConfigurationInvalid: [
    `The stacks are of different releases, or one is not deployed: ${CHECKED}`,
    `Somebody changed a function, a key or a role: ${CHECKED}, and ${RUNBOOK}#proxy-errors`,
    `With the text "was invoked for something else than triage permitted", or of an approval: ${RUNBOOK}#unsigned-requests`,
  ],
  ExecutionAborted: [
    `Somebody stopped the execution: StopExecution in CloudTrail names who. ${RUNBOOK}#executions-aborted`,
  ],
  ExecutionGone: [
    `The state machine was deleted and created again, or the execution is older than 90 days: replay it. ${CHECKED}`,
  ],
  FindingUpdateRefused: [
    `The policy has its suppression no more: ${SUTURE} suppressions`,
    `Security Hub does not take updates of this finding: ${RUNBOOK}#finding-updates-dlq`,
  ],
  [STILL_FAILING]: [
    `The fix does not make the control pass, because something sets it back or the control looks at more: ${RUNBOOK}#recurring-findings`,
    `Security Hub or AWS Config evaluates late, or not any more: ${RUNBOOK}#recurring-findings`,
  ],
  'States.Timeout': [
    `Security Hub did not take the update of the finding within 24 hours: ${SUTURE} dlq list, and ${RUNBOOK}#finding-updates-dlq`,
    `The function that updates findings is throttled, or its queue's mapping is disabled: ${CHECKED}`,
  ],
};

/** For errors that AWS names. */
const CAUSES_OF_OTHERS: readonly string[] = [
  `AWS refuses the change for the reason that its text has, such as a quota: remove it, then replay it. ${RUNBOOK}#executions-failed`,
  `The remediation does not know this situation: exempt the finding with ${SUTURE} exempt, and report AWS's text`,
];

/** Returns the lines of an error's message, with the likely causes unless the message numbers its own. */
export const withLikelyCauses = (
  lines: readonly string[],
  error = 'unknown',
  { text = lines.join('\n'), state }: Partial<FailedState> = {},
): readonly string[] =>
  lines.some((line) => line.startsWith('1. ')) ? lines : [...lines, ...likelyCauses(error, { text, state })];

/**
 * Returns lines: the causes in order, those that the text names first. Names of the protocol, such as `constructor`, are
 * errors of others.
 */
export function likelyCauses(error: string, { text = '', state }: Partial<FailedState> = {}): string[] {
  const known: readonly string[] =
    ownCauses({ error, text, state }, installedNames()) ??
    (Object.hasOwn(CAUSES, error) ? CAUSES[error as KnownError] : CAUSES_OF_OTHERS);
  const named = error === 'Stopped' ? STOPPED.filter(({ saidBy }) => saidBy.test(text)).map(({ text }) => text) : [];
  const ordered = new Set([...named, ...known]);
  return ['Likely causes, in order:', ...[...ordered].map((cause, n) => `${n + 1}. ${cause}.`)];
}
