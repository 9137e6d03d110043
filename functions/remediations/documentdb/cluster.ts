/** A cluster of Amazon DocumentDB: https://docs.aws.amazon.com/documentdb/latest/developerguide/API_DBCluster.html */
import { DB_CLUSTER_ATTRIBUTES, DB_CLUSTER_FACTS, DB_CLUSTER_STEPS } from '../kit/db-cluster.ts';
import { resourceType } from '../kit/resource-type.ts';

export const documentDbCluster = resourceType({
  ...DB_CLUSTER_FACTS,
  cloudFormation: 'AWS::DocDB::DBCluster',
  terraform: 'aws_docdb_cluster',
  attributes: DB_CLUSTER_ATTRIBUTES,
}).by(DB_CLUSTER_STEPS);
