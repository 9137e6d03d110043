import { recordStateKey } from '../../records/record.ts';

export const ELASTICACHE = recordStateKey('elasticache', 'region', ['clusters', 'groups']);
