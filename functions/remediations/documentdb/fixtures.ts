import { dbClusterFixture } from '../kit/db-cluster-fixture.ts';
import { documentDbCluster } from './cluster.ts';

export const documentDbClusters = dbClusterFixture(documentDbCluster, {
  engine: { Engine: 'docdb', MasterUsername: 'administrator', MasterUserPassword: 'for-a-scenario' },
  slow: { MasterUserPassword: 'another-for-a-scenario' },
});
