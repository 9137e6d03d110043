import { ResumeRequest, StopRequest } from '../domain/api-runs.ts';
import type { StopSwitch } from '../ports/kill-switch.ts';
import { type ApiAction, body } from './action.ts';

export type StopDeps = { readonly killSwitch: StopSwitch; readonly now: () => number };

const lineOf = (by: string, reason: string, now: number) => ({ at: new Date(now).toISOString(), by, reason });

export const stop: ApiAction<StopDeps> = async (request, actor, { killSwitch, now }) => {
  const { reason } = body(StopRequest, request);
  return { isChanged: await killSwitch.set(lineOf(actor, reason, now())) };
};

export const resume: ApiAction<StopDeps> = async (request, actor, { killSwitch, now }) => {
  const { reason, at } = body(ResumeRequest, request);
  return { isChanged: await killSwitch.release(at, lineOf(actor, reason, now())) };
};
