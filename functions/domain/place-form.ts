/** Lines of text in the form of a chat. Viewers show them as they are: no markup has an effect in them. Pure. */
import type { OwnerPlace } from './resource-owner.ts';

export type PlaceForm = {
  /** In the form of the place. */
  readonly body: Record<string, unknown>[];
  /** Lines that the place has no room for. */
  readonly left: number;
};

/** https://docs.slack.dev/reference/block-kit/blocks/section-block */
const SECTION_CHARACTERS = 2_900;
/** Slack takes 50 blocks, but nobody reads that many. */
const SECTIONS = 8;
/**
 * Teams takes 28 KB, with the card around the lines.
 * https://learn.microsoft.com/microsoftteams/limits-specifications-teams
 */
const CARD_BYTES = 22_000;

/** Returns as many lines as the place takes. Places without a form of their own get none. */
export function placeForm(kind: OwnerPlace['kind'], lines: readonly string[]): PlaceForm {
  if (kind === 'slack') return slackForm(lines);
  return kind === 'teams' ? teamsForm(lines) : { body: [], left: lines.length };
}

function slackForm(lines: readonly string[]): PlaceForm {
  const sections: string[] = [];
  let taken = 0;
  for (const line of lines) {
    const short = line.slice(0, SECTION_CHARACTERS);
    const last = sections.at(-1);
    if (last !== undefined && last.length + 1 + short.length <= SECTION_CHARACTERS)
      sections[sections.length - 1] = `${last}\n${short}`;
    else if (sections.length < SECTIONS) sections.push(short);
    else break;
    taken += 1;
  }
  const body = sections.map((text) => ({ type: 'section', text: { type: 'plain_text', text, emoji: false } }));
  return { body, left: lines.length - taken };
}

function teamsForm(lines: readonly string[]): PlaceForm {
  const body: Record<string, unknown>[] = [];
  let bytes = 0;
  for (const text of lines) {
    const block = { type: 'TextBlock', text, wrap: true };
    bytes += Buffer.byteLength(JSON.stringify(block)) + 1;
    if (bytes > CARD_BYTES) break;
    body.push(block);
  }
  return { body, left: lines.length - body.length };
}
