/** Converts names between the forms of AWS, TypeScript and file names. */

/** `replication-group` → `replicationGroup` */
export const camelCase = (hyphenated: string): string =>
  hyphenated.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

/** `replication-group` → `ReplicationGroup` */
export const pascalCase = (hyphenated: string): string => {
  const name = camelCase(hyphenated);
  return name[0]!.toUpperCase() + name.slice(1);
};

/** `replication-group` → `REPLICATION_GROUP` */
export const constantCase = (hyphenated: string): string => hyphenated.toUpperCase().replaceAll('-', '_');

/** `DescribeDBInstances` → `describe-db-instances` */
export const kebabCase = (pascal: string): string =>
  pascal
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();

/** `DescribeDBInstances` → `describeDBInstances` */
export const lowerFirst = (name: string): string => name[0]!.toLowerCase() + name.slice(1);

/** Returns the letters and digits in lower case, to compare names: `file-system` and `FileSystem` are equal. */
export const lettersAndDigits = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
