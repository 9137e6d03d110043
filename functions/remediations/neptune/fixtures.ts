import { dbClusterFixture } from '../kit/db-cluster-fixture.ts';
import { neptuneCluster } from './cluster.ts';

export const neptuneClusters = dbClusterFixture(neptuneCluster, {
  engine: { Engine: 'neptune' },
  slow: { EnableIAMDatabaseAuthentication: true },
});
