/**
 * The text of an event for chats, mail and tickets, to which rules of EventBridge send it without code in between: a
 * template copies it into JSON, and viewers would turn links, mentions and formatting of members into their own. Pure.
 */
import * as z from 'zod';
import type { JobFinding } from './job.ts';
import type { Management } from './managed.ts';
import type { OwnerPatch, PatchEdit } from './owner-patch.ts';
import { plainMessage } from './plain-text.ts';
import { OWNER_PLACES, type ResourceOwner } from './resource-owner.ts';
import { hash } from './trace.ts';

/** Values without links, mentions, formatting, line breaks, quotation marks and backslashes. */
export const EventMessage = z.object({
  ticket: z.string().describe('The same for every event of a finding: the key of its ticket or thread'),
  headline: z.string().describe('Control, what happened, account and Region'),
  title: z.string(),
  resource: z.string(),
  summary: z.string(),
  patch: z.string().describe('What to change in CloudFormation or Terraform; empty if neither manages the resource'),
  severity: z.string().optional(),
  places: z
    .partialRecord(z.enum(OWNER_PLACES), z.string())
    .optional()
    .describe('The first place of the owner of each kind, by which rules choose who gets the ticket'),
});
export type EventMessage = z.infer<typeof EventMessage>;

type MessageFacts = {
  readonly summary: string;
  readonly managedBy?: Management | undefined;
  readonly patch?: OwnerPatch | undefined;
  readonly owner?: ResourceOwner | undefined;
};

/** @param what such as `fixed` */
export function eventMessage(
  finding: JobFinding,
  what: string,
  { summary, managedBy, patch, owner }: MessageFacts,
): EventMessage {
  const { id, control = 'No control', account = 'unknown', region = 'unknown', title = '', resource } = finding;
  return {
    ticket: ticketOf(id),
    headline: messageText(`${control} ${what} in account ${account}, ${region}`),
    title: messageText(title),
    resource: messageText(resource ? `${resource.Type} ${resource.Id}` : ''),
    summary: messageText(summary),
    patch: managedBy && patch ? patchText(managedBy, patch) : '',
    severity: messageText(finding.severity ?? ''),
    ...(owner && { places: firstPlaces(owner) }),
  };
}

/**
 * A rule of EventBridge cannot pick an element of a list by its kind. Reversed, so that the first place of a kind wins.
 */
const firstPlaces = ({ places }: ResourceOwner): EventMessage['places'] =>
  Object.fromEntries([...places].reverse().map(({ kind, to }) => [kind, messageText(to)]));

/** Returns a key of 39 characters. ServiceNow's correlation ids have up to 100, PagerDuty's keys up to 255. */
export const ticketOf = (findingId: string): string => `suture-${hash(findingId)}`;

/** Returns text that a template may put between quotation marks, and that no viewer turns into something else. */
export const messageText = (text: string): string => withoutQuotes(plainMessage(text));

/** A quotation mark or a backslash could end the JSON text into which a template puts it. */
const QUOTES: Readonly<Record<string, string>> = { '"': '”', '\\': '＼' };
const withoutQuotes = (text: string): string => text.replace(/["\\]/g, (character) => QUOTES[character]!);

/** Names of properties are Suture's own; stack, tag and values are of the member account. */
function patchText({ manager, name }: Management, { cloudFormation, terraform }: OwnerPatch): string {
  const edits =
    manager === 'cloudformation'
      ? cloudFormation && editsText(cloudFormation, ': ')
      : manager === 'terraform' && terraform && editsText(terraform, ' = ');
  return edits ? `In ${messageText(name)}: ${edits}` : '';
}

const editsText = (edits: readonly PatchEdit[], separator: string): string =>
  edits
    .map(({ type, set }) => {
      const settings = set.map(({ name, value }) => `${name}${separator}${messageText(JSON.stringify(value))}`);
      return `set ${settings.join(', ')} (${type})`;
    })
    .join('; ');
