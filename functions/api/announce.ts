/** A person's message to the people who get Suture's alarms: also the way to try whether messages arrive. */
import { randomBytes } from 'node:crypto';
import { AnnounceRequest } from '../domain/people-message.ts';
import type { TellPeople } from '../ports/people.ts';
import { type ApiAction, parseBody } from './action.ts';
import { isoNow, type RunDeps } from './runs.ts';

export type AnnounceDeps = RunDeps & { readonly tellPeople: TellPeople };

export const announce: ApiAction<AnnounceDeps> = async (request, by, deps) => {
  const { words } = parseBody(AnnounceRequest, request);
  const at = isoNow(deps);
  const line = {
    run: randomBytes(6).toString('hex'),
    action: 'announce' as const,
    at,
    by,
    reason: words,
    selection: {},
  };
  await deps.runs.begin(line);
  await deps.tellPeople({ by, at, words });
  await deps.runs.end(line, by, isoNow(deps), {});
  return {};
};
