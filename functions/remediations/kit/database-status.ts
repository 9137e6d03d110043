/** The status of a database, which Amazon RDS, DocumentDB and Neptune share. */

const TAKES_CHANGES = ['available', 'storage-optimization'];

/**
 * A database leaves these only if somebody does something, or never.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html#Overview.DBInstance.Status
 */
const STUCK =
  /^(deleting|failed|stopped|storage-full|insufficient-capacity|restore-error|inaccessible-.+|incompatible-.+)$/;

/** Returns why the database takes no change before somebody acts. */
export const databaseObstacle = (status = 'available'): string | undefined =>
  STUCK.test(status) ? `its status is ${status}, and AWS changes only available databases` : undefined;

/** Returns why it takes no change at the moment. */
export const databaseBusy = (status = 'available'): string | undefined =>
  TAKES_CHANGES.includes(status) ? undefined : `its status is ${status}`;
