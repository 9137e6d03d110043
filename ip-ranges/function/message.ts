/**
 * Messages of the topic AmazonIpSpaceChanged. They say that there is something new, and how to know it: never where from.
 * https://docs.aws.amazon.com/vpc/latest/userguide/subscribe-notifications.html
 */
import * as z from 'zod';
import { checkAge } from '../planning/document.ts';

const Message = z.object({
  synctoken: z.string().regex(/^\d{1,15}$/),
  md5: z
    .string()
    .regex(/^[0-9a-f]{32}$/i)
    .optional(),
  url: z.string().optional(),
});

export const RangesNotification = z.object({
  Records: z.array(z.object({ EventSource: z.literal('aws:sns'), Sns: z.object({ Message: z.string() }) })).min(1),
});
export type RangesNotification = z.infer<typeof RangesNotification>;

/** Conditions under which a document is worth applying. */
export type Expected = {
  /** Seconds since 1970; an older document is an old copy. */
  readonly atLeast: number;
  /** Of the documents of these syncTokens, as far as messages said them. */
  readonly md5: ReadonlyMap<number, string>;
};

/** Returns what the messages of one event expect together, and what of them made no sense, which hinders nothing. */
export function expectedBy(
  { Records }: RangesNotification,
  nowMs: number,
): Expected & { readonly odd: readonly string[] } {
  const odd: string[] = [];
  const md5 = new Map<number, string>();
  let atLeast = 0;
  for (const { Sns } of Records) {
    const parsed = Message.safeParse(jsonIn(Sns.Message));
    if (!parsed.success) {
      odd.push(`not a message of the topic: ${Sns.Message.slice(0, 200)}`);
      continue;
    }
    const { synctoken, md5: sum, url } = parsed.data;
    try {
      checkAge({ syncToken: synctoken }, nowMs);
    } catch (error) {
      odd.push(`a message of the future, which was not heeded: ${(error as Error).message}`);
      continue;
    }
    atLeast = Math.max(atLeast, Number(synctoken));
    if (sum) md5.set(Number(synctoken), sum.toLowerCase());
    else odd.push(`a message without MD5, of syncToken ${synctoken}`);
    if (url !== undefined && url !== USUAL)
      odd.push(`a message with another URL, which was not followed: ${url.slice(0, 200)}`);
  }
  return { atLeast, md5, odd };
}

const USUAL = 'https://ip-ranges.amazonaws.com/ip-ranges.json';

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
