/** Likely causes of failures whose reason is in Suture's own accounts, not in the member account. Pure. */
import type { Names, OwnFunction } from '../../functions/domain/names.ts';
import { FOREIGN_POLICIES, ownDenial, takeOffPolicy } from '../../functions/domain/own-denials.ts';
import { SUTURE_ERRORS } from '../names/known-values.ts';
import { SUTURE } from '../output/suture-command.ts';

export type FailedState = {
  readonly error: string;
  /** The whole text of the error. */
  readonly text: string;
  /** The state of the workflow that failed; undefined if its history could not be read. */
  readonly state: string | undefined;
};

const FUNCTIONS: Readonly<Record<string, OwnFunction>> = {
  Triage: 'triage',
  TriageAgain: 'triage',
  Plan: 'proxy',
  Remediate: 'proxy',
  TellOwner: 'report',
  Report: 'report',
};
const THROTTLED_BY_LAMBDA = 'Lambda.TooManyRequestsException';
/** Errors of Suture that a denial in its own accounts may have as its reason. */
const OWN_DENIALS: ReadonlySet<string> = new Set(['ConfigurationInvalid', 'PolicyUnavailable']);

const isOwnName = (error: string): boolean => (SUTURE_ERRORS as readonly string[]).includes(error);

/** Returns sentences without their full stops, in order; undefined if the cause may be in the member account. */
export function ownCauses({ error, text, state = '' }: FailedState, names: Names): readonly string[] | undefined {
  const name = FUNCTIONS[state];
  const called = name && names.function(name);
  if (error === THROTTLED_BY_LAMBDA) return throttleCauses(called ?? 'of the state that failed');
  const denial = isOwnName(error) && !OWN_DENIALS.has(error) ? undefined : ownDenial(text, names);
  if (denial) {
    const { role, account, action = 'the call', because = '' } = denial;
    if (denial.isForeignPolicy) return [takeOffPolicy(role), ...policyCauses(error, role)];
    if (because.startsWith('with an explicit deny'))
      return [
        `Somebody denies ${action} to the role ${role} of ${account} ${because}, which is not one of the role's own: its owner takes the statement away. ${FOREIGN_POLICIES}`,
        ...policyCauses(error, role),
      ];
    return [
      `Somebody changed the role ${role} of ${account}, which lacks ${action}, or what the call is about: the text says which. aws iam list-role-policies --role-name ${role}, then deploy its stack again as docs/operate.md#changed-by-hand says`,
      ...policyCauses(error, role),
    ];
  }
  if (isOwnName(error) || (name !== 'triage' && name !== 'report')) return undefined;
  return [
    `Somebody changed the function ${called}, its role, or what it calls: the text says which. ${SUTURE} doctor, and docs/runbook.md#${name}-errors`,
    `AWS refuses a call in Suture's own account for the reason that the text has: docs/reference/errors.md. The log /aws/lambda/${called} has the whole text. Exempting the finding does not help`,
  ];
}

const throttleCauses = (called: string): readonly string[] => [
  `Somebody reserved no concurrency for the function ${called}, so that it may not run: ${SUTURE} doctor, and docs/runbook.md#function-throttled`,
  `The account has too few concurrent executions for all of its functions: docs/runbook.md#function-throttled`,
];

const policyCauses = (error: string, role: string): readonly string[] =>
  error === 'PolicyUnavailable'
    ? [
        `${SUTURE} policy show reads with your role: its success says nothing about ${role}. docs/runbook.md#policy-unavailable`,
      ]
    : [];
