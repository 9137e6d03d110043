/** Proposals: what one person asks for and another must approve, before the API does exactly that. */
import { createHash } from 'node:crypto';
import * as z from 'zod';

/** Their place in the ledger; the sort key is the id. */
export const PROPOSALS = 'proposals';
/** The sort key begins with the time. */
export const PROPOSAL_AUDIT = 'audit#proposals';

/** A kind has its own actions in the API. */
export const PROPOSAL_KINDS = ['policy', 'resume', 'ip-ranges'] as const;
export type ProposalKind = (typeof PROPOSAL_KINDS)[number];

/** Eight digits are the time, so that ids are in the order of their proposals. */
export const ProposalId = z.string().regex(/^[0-9a-f]{16}$/, 'sixteen hexadecimal digits');

/** SHA-256 of what is proposed, in hexadecimal digits. */
export const Digest = z.string().regex(/^[0-9a-f]{64}$/);
export const digestOf = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

const signed = z.object({ by: z.string(), at: z.string() });
export const PROPOSAL_STATES = ['open', 'approved', 'denied', 'done'] as const;

export const Proposal = z.object({
  id: ProposalId,
  kind: z.enum(PROPOSAL_KINDS),
  digest: Digest,
  ...signed.shape,
  /** The words of the person who proposes, if they are not in the summary. */
  reason: z.string().optional(),
  /** Nobody can approve it from then on. */
  until: z.string(),
  /** One line for each thing that becomes possible. The person who approves sees these lines. */
  summary: z.array(z.string()),
  /** The dependencies of the kind's actions. */
  subject: z.record(z.string(), z.unknown()),
  /** `approved`: approved, but not known to be done. */
  state: z.enum(PROPOSAL_STATES),
  /** Of the person who approved or denied it. */
  answer: signed.extend({ reason: z.string().optional() }).optional(),
  /** The reason why nobody else had to approve. */
  alone: z.string().optional(),
});
export type Proposal = z.infer<typeof Proposal>;
export type ProposalAnswer = NonNullable<Proposal['answer']>;

export const ProposalList = z.object({ proposals: z.array(Proposal) });

/** `digest`: of the proposal that the person saw. */
export const AnswerProposalRequest = z.strictObject({
  answer: z.enum(['approve', 'deny']),
  digest: Digest,
  reason: z.string().trim().min(1).max(300).optional(),
});
export type AnswerProposalRequest = z.infer<typeof AnswerProposalRequest>;

/** `request`: about address ranges, whose result the function gives later. */
export const AnswerProposalReply = z.object({
  proposal: Proposal,
  deployment: z.number().optional(),
  request: z.string().optional(),
});
export type AnswerProposalReply = z.infer<typeof AnswerProposalReply>;

/** A person must be able to read what they approve, and DynamoDB to store it. */
export const MAX_SUMMARY_BYTES = 100_000;

const PROPOSAL_HOURS = 72;
const HOUR_MS = 3_600_000;

export const proposalUntil = (now: number): string => new Date(now + PROPOSAL_HOURS * HOUR_MS).toISOString();

/** @param random eight hexadecimal digits */
export const proposalId = (now: number, random: string): string =>
  `${Math.floor(now / 1000)
    .toString(16)
    .padStart(8, '0')}${random}`;

export const ALONE_BY_CONTEXT = 'the organization has one person: onePerson in cdk.json';
