/**
 * Requests about address ranges. The API stores each with its requester; the updater reads it from the ledger alone.
 */
import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import {
  ChangeIpRangesRequest,
  type IpRangesAction,
  type IpRangesCommand,
  PlanDocumentRequest,
  PlannedDocument,
  ProposeIpRangesRequest,
  ReadIpRangesRequest,
} from '../domain/api-ip-ranges.ts';
import { RunId } from '../domain/api-runs.ts';
import { ALONE_BY_CONTEXT, MAX_SUMMARY_BYTES, type Proposal } from '../domain/proposal.ts';
import type { IpRangesRequest, IpRangesRequests } from '../ports/ip-ranges-requests.ts';
import { type ApiAction, parseBody, Refused } from './action.ts';
import { doAlone, type ProposeDeps, propose } from './propose.ts';
import { isoNow, type RunDeps } from './runs.ts';

export type IpRangesDeps = RunDeps &
  ProposeDeps & {
    readonly ipRanges: {
      readonly requests: IpRangesRequests;
      /** Begins to carry out a request. Undefined if no updater is configured. */
      readonly begin: ((id: string) => Promise<void>) | undefined;
    };
  };

export const readIpRanges: ApiAction<IpRangesDeps> = async (request, by, deps) => {
  const command = parseBody(ReadIpRangesRequest, request);
  return storeAndBegin({ ...newRequest(by, deps), reason: '', command }, deps);
};

export const changeIpRanges: ApiAction<IpRangesDeps> = async (request, by, deps) => {
  const { reason = 'no reason was given', ...command } = parseBody(ChangeIpRangesRequest, request);
  const change = { ...newRequest(by, deps), reason, command };
  await audit(`ip-ranges ${command.command}`, change, selectionOf(command), deps);
  return storeAndBegin(change, deps);
};

/** Plans a document that the function does not fetch itself. Its result can be proposed. */
export const planDocument: ApiAction<IpRangesDeps> = async (request, by, deps) => {
  const { document, ...options } = parseBody(PlanDocumentRequest, request);
  return storeAndBegin(
    { ...newRequest(by, deps), reason: '', command: { command: 'plan', ...options }, document },
    deps,
  );
};

const ProposedDocument = z.object({ request: RunId, reason: z.string() });
type ProposedDocument = z.infer<typeof ProposedDocument>;

/** Proposes a planned document, under the digest of document, options and targets that the updater computed. */
export const proposeIpRanges: ApiAction<IpRangesDeps> = async (request, by, deps) => {
  const { request: planned, reason } = parseBody(ProposeIpRangesRequest, request);
  const { document, result } = await requestIn(planned, deps);
  const plan = document === undefined ? undefined : PlannedDocument.safeParse(result).data;
  if (!plan) throw new Refused(409, `${planned} has no plan of a document that could be proposed.`);
  const subject: ProposedDocument = { request: planned, reason };
  const content = { kind: 'ip-ranges' as const, digest: plan.digest, summary: summaryOf(plan, reason), subject };
  if (!deps.onePerson) return { proposal: await propose(content, by, deps) };
  return doAlone(content, ALONE_BY_CONTEXT, by, deps, () => apply(subject, plan.digest, by, deps));
};

/**
 * Applies a proposal. The updater compares the digest with the document, the options and the targets that it then has.
 */
export async function applyProposed(
  { by, subject, digest }: Proposal,
  actor: string,
  approve: () => Promise<void>,
  deps: IpRangesDeps,
): Promise<object> {
  await approve();
  return apply(ProposedDocument.parse(subject), digest, `${by}, approved by ${actor}`, deps);
}

async function apply({ request, reason }: ProposedDocument, approved: string, by: string, deps: IpRangesDeps) {
  const { document, command } = await requestIn(request, deps);
  const { id } = await storeAndBegin(
    { ...newRequest(by, deps), reason, command: { ...command, command: 'apply' }, document, approved },
    deps,
  );
  return { request: id };
}

/**
 * Returns one line for each call: the person who approves sees them all.
 * @throws Refused if the plan is incomplete: when it is applied, there would be calls that nobody has seen
 */
function summaryOf({ targets }: PlannedDocument, reason: string): string[] {
  for (const { target, halted, error } of targets) {
    if (error)
      throw new Refused(
        409,
        `The plan of ${target} is incomplete: ${error.name}: ${error.message} Remove the cause, or plan the document for the other targets.`,
      );
    if (halted)
      throw new Refused(
        409,
        'Suture was stopped when the document was planned, so nobody sees what it revokes. Plan it again.',
      );
  }
  const calls = targets.flatMap(({ target, calls }) =>
    calls.map(({ call, on, add = [], remove = [] }) =>
      [`${target}: ${call} ${on}`, ...add.map((each) => `+ ${each}`), ...remove.map((each) => `- ${each}`)].join(' '),
    ),
  );
  if (calls.length === 0) throw new Refused(409, 'The document changes nothing: there is nothing to propose.');
  const lines = [`a document that AWS does not publish: ${reason}`, ...calls];
  const bytes = Buffer.byteLength(lines.join('\n'));
  if (bytes <= MAX_SUMMARY_BYTES) return lines;
  throw new Refused(400, `The plan has ${bytes} bytes, more than a person can approve. Propose it target by target.`);
}

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

async function storeAndBegin(request: IpRangesRequest, { ipRanges }: IpRangesDeps) {
  if (!(await ipRanges.requests.add(request)))
    throw new Refused(413, 'The document is too large. Keep the rows of the services that your targets want.');
  await ipRanges.begin?.(request.id);
  return { id: request.id };
}

const selectionOf = ({ allowShrink, adopt, targets }: Partial<IpRangesCommand>) =>
  Object.fromEntries(
    Object.entries({ allowShrink, adopt, targets: targets?.join(' ') }).filter(([, value]) => value !== undefined),
  );

/** Writes the request into the audit trail. The updater's log and event say what it did. */
async function audit(
  action: IpRangesAction,
  { id: run, at, by, reason }: Pick<IpRangesRequest, 'id' | 'at' | 'by' | 'reason'>,
  selection: Readonly<Record<string, unknown>>,
  { runs }: IpRangesDeps,
): Promise<void> {
  const line = { run, action, at, by, reason, selection };
  await runs.begin(line);
  await runs.end(line, by, at, {});
}
