import * as z from 'zod';
import { canonical } from '../contract/is-equal.ts';
import { ResumeRequest, StopRequest, type SwitchReply } from '../domain/api-runs.ts';
import { ALONE_BY_CONTEXT, digestOf, type Proposal } from '../domain/proposal.ts';
import { isSamePerson } from '../domain/same-person.ts';
import type { StopEntry, StopSwitch } from '../ports/kill-switch.ts';
import { type ApiAction, parseBody, Refused } from './action.ts';
import { type ProposeDeps, type ProposedContent, propose } from './propose.ts';

export type StopDeps = ProposeDeps & { readonly killSwitch: StopSwitch };

const lineOf = (by: string, reason: string, now: number) => ({ at: new Date(now).toISOString(), by, reason });

export const stop: ApiAction<StopDeps> = async (request, actor, { killSwitch, now }) => {
  const { reason, ...extent } = parseBody(StopRequest, request);
  return { isChanged: await killSwitch.set({ ...lineOf(actor, reason, now()), ...extent }) };
};

/** Resumes if this person alone has stopped Suture. Otherwise proposes to resume. */
export const resume: ApiAction<StopDeps> = async (request, actor, deps): Promise<SwitchReply> => {
  const { reason, at } = parseBody(ResumeRequest, request);
  const { killSwitch, onePerson, now } = deps;
  const stopped = await killSwitch.read();
  if (!stopped || stopped.at !== at) return { isChanged: false };
  const isOwn = stopped.by !== null && stoppersOf(stopped).every((by) => isSamePerson(by, actor));
  if (!isOwn && !onePerson)
    return { isChanged: false, proposal: await propose(resumption(stopped, reason), actor, deps) };
  const alone = isOwn ? undefined : ALONE_BY_CONTEXT;
  return { isChanged: await killSwitch.release(stopped, { ...lineOf(actor, reason, now()), alone }) };
};

const stoppersOf = ({ by, also = [] }: StopEntry): string[] => [by ?? 'somebody', ...also];

const ProposedResumption = z.object({ at: z.string().nullable(), reason: z.string() });

function resumption(stopped: StopEntry, reason: string): ProposedContent {
  const { at, reason: because } = stopped;
  return {
    kind: 'resume',
    digest: stopDigest(stopped),
    summary: [
      `Suture makes changes again. ${stoppersOf(stopped)[0]} stopped it at ${at ?? 'an unknown time'}: ${because ?? 'no reason was given'}`,
      ...(stopped.also ?? []).map((by) => `${by} stopped it too`),
      `the reason to resume: ${reason}`,
    ],
    subject: { at, reason } satisfies z.infer<typeof ProposedResumption>,
  };
}

const STOPPED_MEANWHILE =
  'Somebody stopped Suture again in the meantime, so it stays stopped. Look at it: suture stops';

const stopDigest = (stopped: StopEntry): string => digestOf(canonical(stopped));

export async function resumeProposed(
  proposal: Proposal,
  actor: string,
  approve: () => Promise<void>,
  { killSwitch, now }: StopDeps,
): Promise<object> {
  const { reason } = ProposedResumption.parse(proposal.subject);
  const stopped = await killSwitch.read();
  if (!stopped && proposal.state === 'approved') return {};
  if (!stopped || stopDigest(stopped) !== proposal.digest)
    throw new Refused(
      409,
      `${stopped ? `Suture was stopped again since, at ${stopped.at} by ${stopped.by}: ${stopped.reason}` : 'Suture is not stopped any more'}. Look at it: suture stops`,
    );
  await approve();
  if (!(await killSwitch.release(stopped, { ...lineOf(proposal.by, reason, now()), approvedBy: actor })))
    throw new Refused(409, STOPPED_MEANWHILE);
  return {};
}
