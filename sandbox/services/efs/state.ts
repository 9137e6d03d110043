import { recordStateKey } from '../../records/record.ts';

export const EFS = recordStateKey('efs', 'region', ['fileSystems']);
