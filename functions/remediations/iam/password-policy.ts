/** The account's password policy, and the requirements of each control. */
import type { PasswordPolicy as AwsPolicy } from '@aws-sdk/client-iam';
import * as z from 'zod';
import type { ControlParameter, ControlParameters, ControlValue, DeclaredChange } from '../../contract/remediation.ts';
import { declaredChange, differingValues } from '../kit/owner-language.ts';

/** The whole policy, because UpdateAccountPasswordPolicy resets each omitted setting to its default. */
export const PasswordPolicy = z.strictObject({
  MinimumPasswordLength: z.int(),
  RequireUppercaseCharacters: z.boolean(),
  RequireLowercaseCharacters: z.boolean(),
  RequireNumbers: z.boolean(),
  RequireSymbols: z.boolean(),
  AllowUsersToChangePassword: z.boolean(),
  HardExpiry: z.boolean(),
  /** Days. Absent: passwords do not expire. */
  MaxPasswordAge: z.int().optional(),
  /** Absent: passwords may be reused. */
  PasswordReusePrevention: z.int().optional(),
});
export type PasswordPolicy = z.infer<typeof PasswordPolicy>;

/** Security Hub's parameters of IAM.7, within IAM's limits. */
export const PasswordRequirements = z.strictObject({
  MinimumPasswordLength: z.int().min(6).max(128).optional(),
  RequireUppercaseCharacters: z.boolean().optional(),
  RequireLowercaseCharacters: z.boolean().optional(),
  RequireNumbers: z.boolean().optional(),
  RequireSymbols: z.boolean().optional(),
  MaxPasswordAge: z.int().min(1).max(1095).optional(),
  PasswordReusePrevention: z.int().min(1).max(24).optional(),
});
export type PasswordRequirements = z.infer<typeof PasswordRequirements>;

const LETTERS_AND_NUMBERS = {
  RequireUppercaseCharacters: true,
  RequireLowercaseCharacters: true,
  RequireNumbers: true,
};

/** https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html */
export const REQUIREMENTS: Readonly<Record<string, PasswordRequirements>> = {
  'IAM.7': { ...LETTERS_AND_NUMBERS, RequireSymbols: true, MinimumPasswordLength: 8 },
  'IAM.10': { ...LETTERS_AND_NUMBERS, MinimumPasswordLength: 7, PasswordReusePrevention: 4, MaxPasswordAge: 90 },
  'IAM.11': { RequireUppercaseCharacters: true },
  'IAM.12': { RequireLowercaseCharacters: true },
  'IAM.13': { RequireSymbols: true },
  'IAM.14': { RequireNumbers: true },
  'IAM.15': { MinimumPasswordLength: 14 },
  'IAM.16': { PasswordReusePrevention: 24 },
  'IAM.17': { MaxPasswordAge: 90 },
};

/** Which values are stricter. AWS lets organizations change the parameters of IAM.7 alone. */
const STRICTER = {
  MinimumPasswordLength: 'more',
  RequireUppercaseCharacters: 'true',
  RequireLowercaseCharacters: 'true',
  RequireNumbers: 'true',
  RequireSymbols: 'true',
  MaxPasswordAge: 'less',
  PasswordReusePrevention: 'more',
} as const satisfies Record<keyof PasswordRequirements, ControlParameter['stricter']>;

export const PASSWORD_PARAMS = {
  params: PasswordRequirements,
  controlParams: Object.fromEntries(
    Object.entries(STRICTER).map(([name, stricter]) => [
      name,
      { stricter, requires: requiredBy(name as keyof PasswordRequirements), customizable: { 'IAM.7': name } },
    ]),
  ) as ControlParameters<PasswordRequirements>,
};

function requiredBy(name: keyof PasswordRequirements): Readonly<Record<string, ControlValue>> {
  return Object.fromEntries(
    Object.entries(REQUIREMENTS).flatMap(([control, { [name]: value }]) =>
      value === undefined ? [] : [[control, value] as const],
    ),
  );
}

/**
 * The starting point for an account without a policy. AWS then requires 8 characters of three kinds out of four, which
 * a policy cannot express. This one accepts no password that AWS would reject.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
 */
const AWS_DEFAULT_EQUIVALENT: PasswordPolicy = {
  ...LETTERS_AND_NUMBERS,
  MinimumPasswordLength: 8,
  RequireSymbols: false,
  AllowUsersToChangePassword: false,
  HardExpiry: false,
};

/** Raises the policy to the requirements. Settings that are stricter, or not required, stay. */
export function strengthen(policy: PasswordPolicy | null, requirements: PasswordRequirements): PasswordPolicy {
  const base = policy ?? AWS_DEFAULT_EQUIVALENT;
  const shortest = Math.min(base.MaxPasswordAge ?? NEVER, requirements.MaxPasswordAge ?? NEVER);
  const most = Math.max(base.PasswordReusePrevention ?? 0, requirements.PasswordReusePrevention ?? 0);
  return {
    ...base,
    MinimumPasswordLength: Math.max(base.MinimumPasswordLength, requirements.MinimumPasswordLength ?? 0),
    RequireUppercaseCharacters: base.RequireUppercaseCharacters || requirements.RequireUppercaseCharacters === true,
    RequireLowercaseCharacters: base.RequireLowercaseCharacters || requirements.RequireLowercaseCharacters === true,
    RequireNumbers: base.RequireNumbers || requirements.RequireNumbers === true,
    RequireSymbols: base.RequireSymbols || requirements.RequireSymbols === true,
    ...(shortest < NEVER && { MaxPasswordAge: shortest }),
    ...(most > 0 && { PasswordReusePrevention: most }),
  };
}
const NEVER = Number.POSITIVE_INFINITY;

/** Whether the new expiry locks people out: with HardExpiry, nobody can change an expired password. */
export const locksOut = (policy: PasswordPolicy | null, wanted: PasswordPolicy): boolean =>
  wanted.HardExpiry && wanted.MaxPasswordAge !== policy?.MaxPasswordAge;

export const LOCK_OUT_REASON =
  'HardExpiry is on: everybody whose password is older than the new expiry would be locked out until an ' +
  'administrator resets it. Turn HardExpiry off, or announce the expiry and set it by hand';

/** Parses IAM's answer, in which a setting that is not set is absent or 0. */
export const toPasswordPolicy = (policy: AwsPolicy): PasswordPolicy => ({
  MinimumPasswordLength: policy.MinimumPasswordLength ?? 6,
  RequireUppercaseCharacters: policy.RequireUppercaseCharacters ?? false,
  RequireLowercaseCharacters: policy.RequireLowercaseCharacters ?? false,
  RequireNumbers: policy.RequireNumbers ?? false,
  RequireSymbols: policy.RequireSymbols ?? false,
  AllowUsersToChangePassword: policy.AllowUsersToChangePassword ?? false,
  HardExpiry: policy.HardExpiry ?? false,
  ...(policy.MaxPasswordAge && { MaxPasswordAge: policy.MaxPasswordAge }),
  ...(policy.PasswordReusePrevention && { PasswordReusePrevention: policy.PasswordReusePrevention }),
});

/** Returns for example `MinimumPasswordLength 6 → 14, RequireSymbols false → true`. */
export function policyChangeText(from: PasswordPolicy | null, to: PasswordPolicy | null): string {
  if (!to) return "the password policy is deleted: AWS's default policy applies";
  const names = Object.keys(PasswordPolicy.shape) as (keyof PasswordPolicy)[];
  const changes = names
    .filter((name) => from?.[name] !== to[name])
    .map((name) => `${name} ${from?.[name] ?? 'unset'} → ${to[name] ?? 'unset'}`);
  return `${from ? '' : 'a password policy is created: '}${changes.join(', ')}`;
}

const SWITCH = { type: z.boolean(), default: false };
const NUMBER = { type: z.int(), default: 0 };

/** The policy in the language of the account's owner. CloudFormation does not have it. */
export const PASSWORD_POLICY_WORDS = {
  cloudFormation: null,
  terraform: 'aws_iam_account_password_policy',
  attributes: {
    MinimumPasswordLength: { ...NUMBER, terraform: 'minimum_password_length' },
    RequireUppercaseCharacters: { ...SWITCH, terraform: 'require_uppercase_characters' },
    RequireLowercaseCharacters: { ...SWITCH, terraform: 'require_lowercase_characters' },
    RequireNumbers: { ...SWITCH, terraform: 'require_numbers' },
    RequireSymbols: { ...SWITCH, terraform: 'require_symbols' },
    AllowUsersToChangePassword: { ...SWITCH, terraform: 'allow_users_to_change_password' },
    HardExpiry: { ...SWITCH, terraform: 'hard_expiry' },
    MaxPasswordAge: { ...NUMBER, terraform: 'max_password_age' },
    PasswordReusePrevention: { ...NUMBER, terraform: 'password_reuse_prevention' },
  },
} as const;

/** Returns what the owner of the account writes for the change. */
export const declaredPasswordPolicy = (from: PasswordPolicy | null, to: PasswordPolicy | null): DeclaredChange =>
  declaredChange(PASSWORD_POLICY_WORDS, differingValues(from ?? {}, to ?? {}));
