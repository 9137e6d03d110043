/** The steps that somebody who is new to an installation should take now, the first one first. */
import { AppConfigClient } from '@aws-sdk/client-appconfig';
import { type Mode, SuturePolicy } from '../../functions/domain/policy.ts';
import { controlModes } from '../../functions/domain/policy-mode-changes.ts';
import { alarmText } from '../clients/alarms.ts';
import { articleOfQueue } from '../clients/dead-letters.ts';
import type { Operator } from '../clients/operator.ts';
import { policyStore } from '../clients/policy.ts';
import { controlOfFinding, failingFindings, isHandledControl } from '../clients/security-hub.ts';
import { articleText, circuitsText, readStatus, type StatusReport, waitingText } from '../clients/status-report.ts';
import { countText } from '../output/count-text.ts';
import { SUTURE } from '../output/suture-command.ts';
import { failureSteps } from './failure-steps.ts';
import { type NextStep, stepsIf } from './next-step.ts';

const STATUS_DAYS = 7;
/** Findings that are looked up in the ledger to see whether any is older than the installation. */
const SAMPLE = 100;

export const CONFIGURE: NextStep = {
  step: 'configure',
  summary: 'Name the installation and the profile of your role: no credentials were found, or they are not accepted.',
  instructions: [
    `${SUTURE} --profile suture-viewer --home-region us-east-1 configure production --account 111111111111`,
  ],
};

/** `suture next` adds the error as `summary`. */
export const SIGN_IN: Omit<NextStep, 'summary'> = {
  step: 'sign-in',
  instructions: ['aws sso login', `${SUTURE} --as operator status`, 'docs/operate.md#install-and-sign-in'],
};

export const DEPLOY: NextStep = {
  step: 'deploy',
  summary:
    'Suture is not deployed in this account and Region, or these are not the security account and its home Region.',
  instructions: [`${SUTURE} configure`, 'docs/deploy.md'],
};

export type NextAnswer = { readonly steps: readonly NextStep[] } & Partial<Pick<StatusReport, 'unreadAccount'>>;

/** @throws Unreachable if Suture is not deployed there */
export async function nextSteps(operator: Operator): Promise<NextAnswer> {
  const status = await readStatus(operator, STATUS_DAYS);
  return { steps: await stepsAfter(status, operator), unreadAccount: status.unreadAccount };
}

async function stepsAfter(status: StatusReport, operator: Operator): Promise<NextStep[]> {
  const deployed = await (await policyStore(new AppConfigClient(operator.aws))).deployed();
  const policy = deployed && SuturePolicy.safeParse(deployed.content).data;
  if (!policy)
    return [...proposalSteps(status), policyStep(deployed !== undefined), ...statusSteps({ ...status, proposals: 0 })];
  return [
    ...statusSteps(status),
    ...stepsIf(status.waitingForOwner, {
      step: 'owners',
      summary: `${waitingText(status.waitingForOwner, 'change')} for the owner of its resource, who was told. Then it goes on by itself.`,
      commands: ['list --status waiting'],
    }),
    ...(await backfillSteps(operator)),
    ...modeSteps(policy, status),
  ];
}

/** Returns the steps for everything that `status` counts as needing a person. */
export const statusSteps = (status: StatusReport): NextStep[] => [
  ...stopSteps(status),
  ...failureSteps(status),
  ...circuitSteps(status),
  ...answerSteps(status),
  ...healthSteps(status),
];

const circuitSteps = ({ stops: { circuits } }: StatusReport): NextStep[] =>
  stepsIf(circuits.length, {
    step: 'circuits',
    summary: `${circuitsText(circuits.length)}, because too many changes of a remediation failed.`,
    commands: ['stops'],
    pages: ['docs/runbook.md#circuit-opened'],
  });

const healthSteps = (status: StatusReport): NextStep[] => [
  ...deadLetterSteps(status),
  ...stepsIf(status.alarms.length, {
    step: 'alarms',
    summary: `In alarm: ${status.alarms.map(alarmText).join(', ')}.`,
    commands: ['status'],
    pages: [...new Set(status.alarms.map(({ article }) => articleText(article)))],
  }),
  ...stepsIf(status.unreadBecause === null ? 0 : 1, {
    step: 'alarms-unread',
    summary: `Alarms of the Region of IP ranges could not be read: ${status.unreadBecause}`,
    commands: ['doctor'],
  }),
];

const stopSteps = ({ stops: { stopped } }: StatusReport): NextStep[] =>
  stepsIf(stopped ? 1 : 0, {
    step: 'stopped',
    summary: `Suture is stopped${stopped?.reason ? `: ${stopped.reason}` : ''}. Nothing is changed until somebody resumes it.`,
    commands: ['stops', 'resume --reason "…"'],
  });

const proposalSteps = ({ proposals }: StatusReport): NextStep[] =>
  stepsIf(proposals, {
    step: 'proposals',
    summary: `${waitingText(proposals, 'proposal')} for a second person.`,
    commands: ['proposals list'],
  });

const answerSteps = (status: StatusReport): NextStep[] => [
  ...stepsIf(status.approvals, {
    step: 'approvals',
    summary: `${waitingText(status.approvals, 'change')} for approval.`,
    commands: ['approvals', 'triage'],
  }),
  ...proposalSteps(status),
  ...stepsIf(status.uncountedBecause === null ? 0 : 1, {
    step: 'answers-uncounted',
    summary: `Approvals and proposals could not be read: ${status.uncountedBecause}`,
    commands: ['approvals', 'proposals list'],
  }),
];

const policyStep = (isDeployed: boolean): NextStep => ({
  step: 'policy',
  summary: isDeployed
    ? 'The deployed policy is of another version of Suture: deploy yours again.'
    : 'No policy is deployed, so Suture does nothing. Begin with one that observes.',
  instructions: [`${SUTURE} coverage --policy policy.yaml`, `${SUTURE} policy push`, 'docs/deploy.md'],
});

function deadLetterSteps({ deadLetters }: StatusReport): NextStep[] {
  const messages = Object.values(deadLetters).reduce((sum, each) => sum + each, 0);
  const queues = Object.keys(deadLetters).filter((queue) => deadLetters[queue]! > 0);
  return stepsIf(messages, {
    step: 'dead-letters',
    summary: `${countText(messages, 'dead letter')}.`,
    commands: ['dlq list', 'triage'],
    pages: queues.map(articleOfQueue),
  });
}

/** Looks at the first open findings alone: one that the ledger does not know suffices. */
async function backfillSteps(operator: Operator): Promise<NextStep[]> {
  let seen = 0;
  for await (const finding of failingFindings(operator, ['NEW'])) {
    if (++seen > SAMPLE) break;
    if (!isHandledControl(controlOfFinding(finding) ?? '') || (await operator.ledger.record(finding.Id!))) continue;
    const summary =
      'Security Hub has open findings that are older than Suture, or that it never got. Look at them first.';
    return [
      {
        ...{ step: 'backfill', summary },
        instructions: [`${SUTURE} coverage`, `${SUTURE} backfill --reason "first look" --dry-run`],
      },
    ];
  }
  return [];
}

function modeSteps(policy: SuturePolicy, { findings }: StatusReport): NextStep[] {
  const modes = Object.keys(policy.controls).flatMap((control): Mode[] =>
    controlModes(policy, control, { risk: 'disruptive', varies: true }),
  );
  if (modes.some((mode) => mode === 'auto' || mode === 'approve')) return [];
  const planned = findings.PLANNED ?? 0;
  const summary = `Policy only observes${planned > 0 ? `, and ${countText(planned, 'change is', 'changes are')} planned` : ''}. Look at what it would do, then let it.`;
  return [
    {
      ...{ step: 'observing', summary },
      instructions: [
        ...(planned > 0 ? [`${SUTURE} list --status planned`] : []),
        `${SUTURE} coverage`,
        `${SUTURE} policy diff --impact`,
        `${SUTURE} policy push`,
      ],
    },
  ];
}
