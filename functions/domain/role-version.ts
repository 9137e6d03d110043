/**
 * The version mark of a member role: tags that name the remediations whose permissions it has. After a denial, a
 * function reads them to tell a role that is older than the remediation from one that somebody changed.
 */
import { createHash } from 'node:crypto';
import type { Remediation } from '../contract/remediation.ts';
import { type PolicyDocument, type PolicyStatement, roleStatements } from './permissions.ts';
import { planStatements } from './write-question.ts';

/** Values of tags have 256 characters at most. Further tags are `suture:version-2` and so on. */
export const VERSION_TAG = 'suture:version';
export const READ_VERSION = 'iam:ListRoleTags';
/** Four characters are 24 bits. If two marks collide, an outdated role reports a denial, as without marks. */
const MARK_LENGTH = 4;
const MARKS_PER_TAG = 51;

/** Returns the hash of what the remediation needs. It changes with its permissions and those of every plan alone. */
export const permissionsMark = (remediation: Remediation): string =>
  createHash('sha256')
    .update(JSON.stringify([remediation.id, roleStatements(remediation), ...planStatements([remediation])]))
    .digest('base64url')
    .slice(0, MARK_LENGTH);

/** Returns the tags of a role for these remediations. */
export function versionTags(remediations: readonly Remediation[]): Record<string, string> {
  const marks = remediations.map(permissionsMark);
  const tags: Record<string, string> = {};
  for (let first = 0; first < marks.length; first += MARKS_PER_TAG) {
    const key = first === 0 ? VERSION_TAG : `${VERSION_TAG}-${first / MARKS_PER_TAG + 1}`;
    tags[key] = marks.slice(first, first + MARKS_PER_TAG).join(' ');
  }
  return tags;
}

/** Whether a role with these tags has the permissions of this version of the remediation. */
export const isServed = (remediation: Remediation, tags: Readonly<Record<string, string>>): boolean =>
  Object.entries(tags).some(
    ([key, value]) => key.startsWith(VERSION_TAG) && value.split(' ').includes(permissionsMark(remediation)),
  );

type Tags = Readonly<Record<string, string>>;

/** Whether two roles were made for the same remediations, by their marks. */
export const hasSameVersion = (actual: Tags, expected: Tags): boolean => marksIn(actual) === marksIn(expected);

const marksIn = (tags: Tags): string =>
  Object.entries(tags)
    .flatMap(([key, value]) => (key.startsWith(VERSION_TAG) ? value.split(' ') : []))
    .sort()
    .join(' ');

/** Returns the statement that lets a role read its own tags. */
export const readsOwnVersion = (roleArn: string): PolicyStatement => ({
  Effect: 'Allow',
  Action: READ_VERSION,
  Resource: roleArn,
});

/** Returns the policy of the session that reads the tags of its role. */
export const versionPolicy = (roleArn: string): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [readsOwnVersion(roleArn)],
});
