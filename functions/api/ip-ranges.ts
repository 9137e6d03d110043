/** Requests about address ranges: stored with who asks, and begun. Their function reads them from the ledger, not from us. */
import { randomBytes } from 'node:crypto';
import {
  ApproveIpRangesRequest,
  ChangeIpRangesRequest,
  type IpRangesAction,
  type IpRangesCommand,
  ProposeIpRangesRequest,
  ReadIpRangesRequest,
} from '../domain/api-ip-ranges.ts';
import { RunId } from '../domain/api-runs.ts';
import { PROPOSAL_HOURS } from '../domain/proposal.ts';
import { isSamePerson } from '../domain/same-person.ts';
import type { IpRangesRequest, IpRangesRequests } from '../ports/ip-ranges-requests.ts';
import { type ApiAction, body, Refused } from './action.ts';
import { isoNow, type RunDeps } from './runs.ts';

export type IpRangesDeps = RunDeps & {
  readonly ipRanges: {
    readonly requests: IpRangesRequests;
    /** Begins to carry out a request. Undefined if no updater is configured. */
    readonly begin: ((id: string) => Promise<void>) | undefined;
  };
};

export const readIpRanges: ApiAction<IpRangesDeps> = async (request, by, deps) => {
  const command = body(ReadIpRangesRequest, request);
  return begun({ ...newRequest(by, deps), reason: '', command }, deps);
};

export const changeIpRanges: ApiAction<IpRangesDeps> = async (request, by, deps) => {
  const { reason = 'no reason was given', ...command } = body(ChangeIpRangesRequest, request);
  const change = { ...newRequest(by, deps), reason, command };
  await audit(`ip-ranges ${command.command}`, change, selectionOf(command), deps);
  return begun(change, deps);
};

export const proposeIpRanges: ApiAction<IpRangesDeps> = async (request, by, deps) => {
  const { reason, document, ...options } = body(ProposeIpRangesRequest, request);
  const proposal = { ...newRequest(by, deps), reason, command: { command: 'apply' as const, ...options } };
  await audit('ip-ranges propose', proposal, selectionOf(options), deps);
  if (await deps.ipRanges.requests.add({ ...proposal, document })) return { id: proposal.id };
  throw new Refused(413, 'The document is too large. Keep the rows of the services that your targets want.');
};

/** The function compares the digest with the document, the options and the targets that it then has. */
export const approveIpRanges: ApiAction<IpRangesDeps> = async (request, by, deps) => {
  const { digest } = body(ApproveIpRangesRequest, request);
  const approval = newRequest(by, deps);
  const { id, reason, ...proposal } = await requestIn(request.pathParameters?.id, deps);
  if (proposal.document === undefined) throw new Refused(404, `${id} is not a proposal.`);
  if (isSamePerson(proposal.by, by))
    throw new Refused(403, `${proposal.by} proposed it at ${proposal.at}. Another person approves it.`);
  if (deps.now() > Date.parse(proposal.at) + PROPOSAL_HOURS * 3_600_000)
    throw new Refused(
      409,
      `It was proposed at ${proposal.at}, more than ${PROPOSAL_HOURS} hours ago. Propose it again.`,
    );
  await audit('ip-ranges approve', { ...approval, reason }, { proposal: id, digest }, deps);
  if (!(await deps.ipRanges.requests.approve(id, { by, at: approval.at, digest })))
    throw new Refused(409, `Somebody approved ${id} before. To apply it again, propose it again.`);
  await deps.ipRanges.begin?.(id);
  return { id };
};

export const rangesResult: ApiAction<IpRangesDeps> = async (request, _by, deps) => {
  const { result } = await requestIn(request.pathParameters?.id, deps);
  return { result };
};

async function requestIn(id: string | undefined, { ipRanges }: IpRangesDeps): Promise<IpRangesRequest> {
  const found = RunId.safeParse(id).success ? await ipRanges.requests.find(id!) : undefined;
  if (!found) throw new Refused(404, `There is no request ${id} about address ranges.`);
  return found;
}

/** @throws Refused if there is nobody to carry it out */
function newRequest(by: string, deps: IpRangesDeps): Pick<IpRangesRequest, 'id' | 'at' | 'by'> {
  if (!deps.ipRanges.begin)
    throw new Refused(404, 'cdk.json configures no ipRanges: add them to context.suture and deploy.');
  return { id: randomBytes(6).toString('hex'), at: isoNow(deps), by };
}

async function begun(request: IpRangesRequest, { ipRanges }: IpRangesDeps) {
  await ipRanges.requests.add(request);
  await ipRanges.begin?.(request.id);
  return { id: request.id };
}

const selectionOf = ({ allowShrink, adopt, targets }: Partial<IpRangesCommand>) =>
  Object.fromEntries(
    Object.entries({ allowShrink, adopt, targets: targets?.join(' ') }).filter(([, value]) => value !== undefined),
  );

/** Writes a line for what was asked. The function's log and event say what was done. */
async function audit(
  action: IpRangesAction,
  { id: run, at, by, reason }: Pick<IpRangesRequest, 'id' | 'at' | 'by' | 'reason'>,
  selection: Readonly<Record<string, unknown>>,
  { runs }: IpRangesDeps,
): Promise<void> {
  const line = { run, action, at, by, reason, selection };
  await runs.begin(line);
  await runs.end(line, at, {});
}
