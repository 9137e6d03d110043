import { recordStateKey } from '../../records/record.ts';

export const ACCESS_ANALYZER = recordStateKey('accessanalyzer', 'region', ['analyzers']);
