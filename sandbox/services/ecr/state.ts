import { recordStateKey } from '../../records/record.ts';

export const ECR = recordStateKey('ecr', 'region', ['repositories']);
