/** Finds an approval by its own id, or by its finding, its resource, or its control and account. */
import type { ApprovalDetail, ApprovalView } from '../../functions/domain/approval.ts';
import { plain, plainText } from '../../functions/domain/plain-text.ts';
import { ProposalId } from '../../functions/domain/proposal.ts';
import { readAccountNames } from '../clients/account-book.ts';
import type { ApprovalApi } from '../clients/approvals.ts';
import { type OperatorEnvironment, resolveOperator } from '../clients/operator.ts';
import { Failure } from '../errors/failure.ts';
import { UsageError } from '../errors/usage-error.ts';
import { statusName } from '../output/finding-status.ts';
import { type AccountNames, accountName } from './account-name.ts';
import { canonicalControl } from './controls.ts';
import { findingIdNamed } from './find-findings.ts';
import { controlWithAccount, matchOf, resourceNames, resourceTail, SHORT_ID_DIGITS } from './short-names.ts';

const LIST = 'List those that wait: suture approvals';

export type NamedAccounts = OperatorEnvironment & {
  /** Default: reads the directory. */
  readonly names?: (ids: readonly string[], environment: OperatorEnvironment) => Promise<AccountNames>;
};

/**
 * Returns the waiting approval, without a question whose answer the API would refuse.
 * @throws UsageError if several approvals wait under the name, or there is none
 * @throws Failure that says who answered it, and when, or that its time has passed
 */
export async function findApproval(name: string, api: ApprovalApi, environment: NamedAccounts): Promise<ApprovalView> {
  if (/^[0-9a-f]{32}$/.test(name)) return requireWaiting(await api.show(name));
  const matches = matching(name, await api.list());
  const [approval, ...more] = matches;
  if (more.length > 0) {
    const names = await (environment.names ?? readAccountNames)(
      matches.map(({ account }) => account),
      environment,
    );
    throw new UsageError(ambiguousText(name, matches, names));
  }
  if (approval === undefined && ProposalId.safeParse(name).success)
    throw new UsageError(
      `${name} is the id of a proposal, not of a change that waits. Answer it with suture proposals approve ${name}, or suture proposals deny ${name}`,
    );
  return approval ?? requireWaiting(await approvalOfFinding(name, api, environment));
}

/** Returns the approvals that the name means whole; else all that begin with it. */
function matching(name: string, waiting: readonly ApprovalView[]): ApprovalView[] {
  const pair = controlWithAccount(name);
  if (pair)
    return waiting.filter(
      ({ control, account }) => control === canonicalControl(pair.control) && account === pair.account,
    );
  const matches = waiting.map((approval) => ({
    approval,
    how: matchOf(name, [approval.id, ...resourceNames(approval.resource)]),
  }));
  const whole = matches.filter(({ how }) => how === 'whole');
  return (whole.length > 0 ? whole : matches.filter(({ how }) => how)).map(({ approval }) => approval);
}

/** Finds the approval by its finding's record, which has the source identity of the execution: the approval's id. */
async function approvalOfFinding(
  name: string,
  api: ApprovalApi,
  environment: OperatorEnvironment,
): Promise<ApprovalDetail> {
  const operator = await resolveOperator({ ...environment, announce: undefined });
  const record = await operator.ledger.record(await findingIdNamed(operator, name));
  if (!record) throw new UsageError(`Nothing waits for approval under "${plainText(name)}". ${LIST}`);
  return api.show(record.trace).catch((error) => {
    if (!(error instanceof Failure) || record.ofStatus === 'WAITING') throw error;
    throw new Failure(
      `The finding ${plainText(record.findingId)} is ${statusName(record.ofStatus)} and waits for nobody: ${plainText(record.reason)}. ${LIST}`,
    );
  });
}

/** @throws Failure if somebody answered, or nobody in time. While an answer is being delivered, the API decides. */
function requireWaiting(approval: ApprovalDetail): ApprovalView {
  const { status, answer, until } = approval;
  if (status === 'answered' && answer)
    throw new Failure(`${plainText(answer.by)} ${answer.approved ? 'approved' : 'denied'} it at ${answer.at}.`);
  if (status === 'timedOut') throw new Failure(`Nobody answered until ${until}, so it was denied.`);
  return approval;
}

const ambiguousText = (name: string, matches: readonly ApprovalView[], names: AccountNames): string =>
  [
    `"${plainText(name)}" names ${matches.length} changes that wait. Give the id of one:`,
    ...plain(matches).map(
      ({ id, control, account, region, resource, summary }) =>
        `  ${id.slice(0, SHORT_ID_DIGITS)}  ${control}  ${accountName(account, names)}  ${region}  ${resourceTail(resource)}  ${summary}`,
    ),
  ].join('\n');
