import { recordStateKey } from '../../records/record.ts';

export const ACCOUNT = recordStateKey('account', 'account', []);
