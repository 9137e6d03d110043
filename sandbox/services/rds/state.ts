import { recordStateKey } from '../../records/record.ts';

export const RDS = recordStateKey('rds', 'region', ['instances', 'clusters', 'snapshots', 'clusterSnapshots']);
