/** Checks whether an execution of the workflow explains a session of the member role. */
import type { Remediation } from '../contract/remediation.ts';
import { controlsOf } from '../domain/controls.ts';
import { Finding, FindingEvent } from '../domain/finding.ts';
import type { OpenedSession } from '../domain/member-session.ts';
import { EXECUTION_TAG, FINDING_TAG, REMEDIATION_TAG, ROLLBACK_TAG } from '../domain/permissions.ts';
import { RollbackOrder } from '../domain/start-options.ts';
import { findingTag, sourceIdentity, tagValue } from '../domain/trace.ts';
import type { DescribeSessionExecution, SessionExecution } from '../ports/session-executions.ts';

/** The function of a stopped execution may go on until its timeout. CloudTrail's times have whole seconds. */
const AFTER_STOP_MS = 5 * 60_000;
const BEFORE_START_MS = 1000;

export type ExplainDeps = {
  /** Prefix of the ARNs of the workflow's executions. */
  readonly executions: string;
  /** Prefix of the ARNs of doctor's sessions in the service account. */
  readonly doctor: string;
  readonly describe: DescribeSessionExecution;
  readonly remediations: readonly Pick<Remediation, 'id' | 'handles'>[];
};

/** Returns why no execution explains the session; undefined if one does. */
export async function reasonUnexplained(
  session: OpenedSession,
  { executions, doctor, describe, remediations }: ExplainDeps,
): Promise<string | undefined> {
  if (isDoctors(session, doctor, remediations)) return undefined;
  const execution = executionOf(session, executions);
  if (!execution) return `it names no execution of the workflow, but ${tagOf(session, EXECUTION_TAG) ?? 'nothing'}`;
  if (session.requestParameters.sourceIdentity !== sourceIdentity(execution))
    return `its source identity is not that of ${execution}`;
  const found = await describe(execution);
  if (!found) return `Step Functions knows no ${execution}`;
  return timeFault(session, execution, found) ?? inputFault(session, execution, found.input, remediations);
}

/**
 * Doctor tries whether the role can be assumed. Its tag is no remediation's, so nothing is allowed in such a session, and
 * the trust policy gives no other role this tag.
 */
function isDoctors(
  { userIdentity, requestParameters: { tags } }: OpenedSession,
  doctor: string,
  remediations: ExplainDeps['remediations'],
): boolean {
  const tag = tags.find(({ key }) => key === REMEDIATION_TAG)?.value;
  const rollsBack = tags.some(({ key }) => key === ROLLBACK_TAG);
  return (
    (userIdentity.arn?.startsWith(doctor) ?? false) &&
    tag !== undefined &&
    !rollsBack &&
    !remediations.some(({ id }) => id === tag)
  );
}

/** Sessions of older functions name an execution by its ARN, and a finding by its whole id. */
function executionOf(session: OpenedSession, executions: string): string | undefined {
  const tag = tagOf(session, EXECUTION_TAG) ?? '';
  if (tag.startsWith(executions)) return tag;
  return /^[\w-]{1,80}$/.test(tag) ? executions + tag : undefined;
}

const isAbout = (tag: string | undefined, findingId: string) =>
  tag === findingTag(findingId) || tag === tagValue(findingId);

function timeFault({ eventTime }: OpenedSession, execution: string, { startedAt, stoppedAt }: SessionExecution) {
  const openedAt = Date.parse(eventTime);
  if (openedAt < startedAt - BEFORE_START_MS) return `${execution} had not begun`;
  if (stoppedAt !== undefined && openedAt > stoppedAt + AFTER_STOP_MS)
    return `${execution} had ended at ${new Date(stoppedAt).toISOString()}`;
  return undefined;
}

/**
 * The session's finding, account and remediation must be those of the execution's input. An order to roll back names
 * the finding alone, and nothing else explains the rollback tag.
 */
function inputFault(
  session: OpenedSession,
  execution: string,
  input: unknown,
  remediations: ExplainDeps['remediations'],
): string | undefined {
  const order = RollbackOrder.safeParse(input);
  if (tagOf(session, ROLLBACK_TAG) !== undefined && !order.success) return `${execution} is not a rollback`;
  const tag = tagOf(session, FINDING_TAG);
  if (order.success)
    return isAbout(tag, order.data.rollback.finding) ? undefined : `${execution} is about another finding`;
  const finding = findingsIn(input).find(({ Id }) => isAbout(tag, Id));
  if (!finding) return `${execution} is about another finding`;
  const account = session.requestParameters.roleArn.split(':')[4]!;
  if (finding.AwsAccountId !== account) return `${execution} is about another account than ${account}`;
  const id = tagOf(session, REMEDIATION_TAG);
  const handles = remediations.find((remediation) => remediation.id === id)?.handles;
  const names = controlsOf(finding);
  const isHandled = names.kind === 'controls' && handles?.controls.some((control) => names.controls.includes(control));
  return isHandled || handles?.threats ? undefined : `${execution} is about a finding that ${id} does not handle`;
}

function findingsIn(input: unknown): Finding[] {
  const event = FindingEvent.safeParse(input).data;
  return (event?.detail.findings ?? []).flatMap((finding) => Finding.safeParse(finding).data ?? []);
}

const tagOf = ({ requestParameters: { tags } }: OpenedSession, key: string): string | undefined =>
  tags.find((tag) => tag.key === key)?.value;
