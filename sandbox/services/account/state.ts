import { recordStateKey } from '../../records/record.ts';

export const ACCOUNT_MANAGEMENT = recordStateKey('account', 'account', []);
