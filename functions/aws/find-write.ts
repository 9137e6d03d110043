/**
 * Asks CloudTrail who changed a resource. Nothing depends on an answer: AWS allows two calls a second in an account and
 * Region, shows an event minutes after its call, and a policy of the organization may deny the question.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
 */
import { type CloudTrailClient, type Event, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import * as z from 'zod';
import type { Undoing } from '../domain/reverted.ts';
import type { FindWrite, WriteQuestion } from '../ports/find-write.ts';
import type { Warn } from '../ports/log.ts';

/** Fifty events a page, the newest first. Reads of the resource are among them. */
const MAX_PAGES = 2;

export type WriteFinderDeps = {
  readonly clientIn: (region: string) => Pick<CloudTrailClient, 'send'>;
  /** The beginning of the ARNs of Suture's own roles in the account, such as `arn:aws:iam::111122223333:role/suture/`. */
  readonly ownRoles: string;
  readonly warn: Warn;
};

export const writeFinder =
  (deps: WriteFinderDeps): FindWrite =>
  async (question) => {
    const { names, region } = question;
    try {
      const client = deps.clientIn(region);
      for (const name of names) {
        const write = await newestWrite(client, name, question, deps.ownRoles);
        if (write) return write;
      }
      deps.warn('who undid the fix is not known: CloudTrail has no such event', { names, region });
    } catch (error) {
      deps.warn('who undid the fix is not known: CloudTrail did not answer', { names, region, error });
    }
    return undefined;
  };

async function newestWrite(
  client: Pick<CloudTrailClient, 'send'>,
  name: string,
  { since }: WriteQuestion,
  ownRoles: string,
): Promise<Undoing | undefined> {
  const LookupAttributes = [{ AttributeKey: 'ResourceName' as const, AttributeValue: name }];
  let NextToken: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const input = { LookupAttributes, StartTime: new Date(since), NextToken };
    const answer = await client.send(new LookupEventsCommand(input));
    for (const event of answer.Events ?? []) {
      const by = callerOfWrite(event, ownRoles);
      const at = event.EventTime?.getTime();
      if (by !== undefined && at !== undefined && at > since) return { by, at, source: 'CloudTrail' };
    }
    NextToken = answer.NextToken;
    if (NextToken === undefined) return undefined;
  }
  return undefined;
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html */
const Identity = z.object({
  type: z.string().optional(),
  arn: z.string().optional(),
  invokedBy: z.string().optional(),
  sessionContext: z.object({ sessionIssuer: z.object({ arn: z.string().optional() }).optional() }).optional(),
});
const EventRecord = z.object({ userIdentity: Identity, errorCode: z.string().optional() });

/** Returns undefined if the call read, failed, or was Suture's. */
function callerOfWrite({ ReadOnly, CloudTrailEvent = '{}' }: Event, ownRoles: string): string | undefined {
  if (ReadOnly !== 'false') return undefined;
  const { userIdentity, errorCode } = EventRecord.parse(JSON.parse(CloudTrailEvent));
  if (errorCode !== undefined || userIdentity.sessionContext?.sessionIssuer?.arn?.startsWith(ownRoles))
    return undefined;
  return nameOf(userIdentity);
}

/** Names of roles, sessions and users, which a member account chooses, have no other characters at AWS. */
const USER = /:user\/(?:.*\/)?([\w+=,.@-]{1,64})$/;
const SESSION = /:assumed-role\/([\w+=,.@-]{1,64})\/([\w+=,.@-]{1,64})$/;
const SERVICE = /^[a-z\d.-]+\.amazonaws\.com(\.cn)?$/;

function nameOf({ type, arn = '', invokedBy = '' }: z.infer<typeof Identity>): string {
  const [, role, session] = SESSION.exec(arn) ?? [];
  if (role !== undefined) return `role ${role} (session ${session})`;
  const user = USER.exec(arn)?.[1];
  if (user !== undefined) return `user ${user}`;
  if (type === 'Root') return 'root';
  return SERVICE.test(invokedBy) ? invokedBy : 'somebody';
}
