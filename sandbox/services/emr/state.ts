import { recordStateKey } from '../../records/record.ts';

export const EMR = recordStateKey('emr', 'region', []);
