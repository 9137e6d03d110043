import { recordStateKey } from '../../records/record.ts';

export const SSM = recordStateKey('ssm', 'region', ['documents']);
