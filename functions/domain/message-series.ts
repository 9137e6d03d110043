/** The partition of the ledger with the last message of each place and kind. */
import type { OwnerMessageKind } from './owner-message.ts';
import type { OwnerPlace } from './resource-owner.ts';
import { hash } from './trace.ts';

export const OWNER_MESSAGES = 'owner-messages';

/** The place is hashed: the name of a channel may come from a tag, and addresses are of people. */
export const seriesKey = (place: OwnerPlace, kind: OwnerMessageKind): string =>
  `${kind}#${place.kind}#${hash(`${place.kind} ${place.to}`)}`;
