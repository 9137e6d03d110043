/**
 * The credential report: one line per user.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
 */
import type { AccessKeyRecord, IamAt, UserRecord } from './state.ts';

const DAY_MS = 86_400_000;

const COLUMNS = [
  'user',
  'arn',
  'user_creation_time',
  'password_enabled',
  'password_last_used',
  'password_last_changed',
  'password_next_rotation',
  'mfa_active',
  'access_key_1_active',
  'access_key_1_last_rotated',
  'access_key_1_last_used_date',
  'access_key_1_last_used_region',
  'access_key_1_last_used_service',
  'access_key_2_active',
  'access_key_2_last_rotated',
  'access_key_2_last_used_date',
  'access_key_2_last_used_region',
  'access_key_2_last_used_service',
  'cert_1_active',
  'cert_1_last_rotated',
  'cert_2_active',
  'cert_2_last_rotated',
] as const;

export const credentialReport = (at: IamAt): string =>
  [COLUMNS, ...Array.from(at.state.users.values(), (user) => lineOf(user, at))]
    .map((line) => line.join(','))
    .join('\n');

function lineOf(user: UserRecord, at: IamAt): string[] {
  const [first, second] = [...at.state.accessKeys.values()].filter((key) => key.user === user.name);
  return [
    user.name,
    user.arn,
    formatTime(user.createdAt),
    String(user.password !== undefined),
    user.password ? (user.password.lastUsed ? formatTime(user.password.lastUsed) : 'no_information') : 'N/A',
    user.password ? formatTime(user.password.createdAt) : 'N/A',
    user.password ? nextRotation(user.password.createdAt, at.state.passwordPolicy?.MaxPasswordAge) : 'N/A',
    String(user.mfaDevices.size > 0),
    ...keyColumns(first),
    ...keyColumns(second),
    ...['false', 'N/A', 'false', 'N/A'],
  ];
}

const keyColumns = (key: AccessKeyRecord | undefined): string[] => [
  String(key?.active ?? false),
  key ? formatTime(key.createdAt) : 'N/A',
  key?.lastUsed ? formatTime(key.lastUsed.date) : 'N/A',
  key?.lastUsed?.region ?? 'N/A',
  key?.lastUsed?.service ?? 'N/A',
];

const nextRotation = (changedAt: Date, days: number | undefined): string =>
  days === undefined ? 'N/A' : formatTime(new Date(changedAt.getTime() + days * DAY_MS));

const formatTime = (date: Date): string => date.toISOString().replace(/\.\d{3}Z$/, '+00:00');
