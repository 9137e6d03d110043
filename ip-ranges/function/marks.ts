/** Marks of what the function of this installation created. */
import { INSTALLATION } from '../../functions/aws/installation.ts';
import { ownEntry, ownTag } from '../contract/targets.ts';

export const OWN_TAG = ownTag(INSTALLATION);
export const OWN_ENTRY = ownEntry(INSTALLATION);
