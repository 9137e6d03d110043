import { recordStateKey } from '../../records/record.ts';

export const REDSHIFT = recordStateKey('redshift', 'region', ['clusters']);
