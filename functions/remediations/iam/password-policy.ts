/** The account's password policy, and what each control asks of it. */
import type { PasswordPolicy as AwsPolicy } from '@aws-sdk/client-iam';
import * as z from 'zod';

/** The whole policy: UpdateAccountPasswordPolicy puts to its default whatever is not given. */
export const PasswordPolicy = z.strictObject({
  MinimumPasswordLength: z.int(),
  RequireUppercaseCharacters: z.boolean(),
  RequireLowercaseCharacters: z.boolean(),
  RequireNumbers: z.boolean(),
  RequireSymbols: z.boolean(),
  AllowUsersToChangePassword: z.boolean(),
  HardExpiry: z.boolean(),
  /** Days; absent: passwords do not expire. */
  MaxPasswordAge: z.int().optional(),
  /** Absent: passwords may be used again. */
  PasswordReusePrevention: z.int().optional(),
});
export type PasswordPolicy = z.infer<typeof PasswordPolicy>;

/** Named as Security Hub names the parameters of IAM.7, within the limits of IAM. */
export const Demands = z.strictObject({
  MinimumPasswordLength: z.int().min(6).max(128).optional(),
  RequireUppercaseCharacters: z.boolean().optional(),
  RequireLowercaseCharacters: z.boolean().optional(),
  RequireNumbers: z.boolean().optional(),
  RequireSymbols: z.boolean().optional(),
  MaxPasswordAge: z.int().min(1).max(1095).optional(),
  PasswordReusePrevention: z.int().min(1).max(24).optional(),
});
export type Demands = z.infer<typeof Demands>;

const LETTERS_AND_NUMBERS = {
  RequireUppercaseCharacters: true,
  RequireLowercaseCharacters: true,
  RequireNumbers: true,
};

/** https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html */
export const DEMANDS: Readonly<Record<string, Demands>> = {
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

/**
 * The policy to start from where an account has none: AWS then asks for 8 characters of three kinds out of four, which
 * a policy cannot say. This one lets no password through that AWS would not have.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
 */
const NO_WEAKER_THAN_NONE: PasswordPolicy = {
  ...LETTERS_AND_NUMBERS,
  MinimumPasswordLength: 8,
  RequireSymbols: false,
  AllowUsersToChangePassword: false,
  HardExpiry: false,
};

/** The policy with what is demanded; whatever is stricter, or not asked for, stays. */
export function strengthened(policy: PasswordPolicy | null, demands: Demands): PasswordPolicy {
  const base = policy ?? NO_WEAKER_THAN_NONE;
  const shortest = Math.min(base.MaxPasswordAge ?? NEVER, demands.MaxPasswordAge ?? NEVER);
  const most = Math.max(base.PasswordReusePrevention ?? 0, demands.PasswordReusePrevention ?? 0);
  return {
    ...base,
    MinimumPasswordLength: Math.max(base.MinimumPasswordLength, demands.MinimumPasswordLength ?? 0),
    RequireUppercaseCharacters: base.RequireUppercaseCharacters || demands.RequireUppercaseCharacters === true,
    RequireLowercaseCharacters: base.RequireLowercaseCharacters || demands.RequireLowercaseCharacters === true,
    RequireNumbers: base.RequireNumbers || demands.RequireNumbers === true,
    RequireSymbols: base.RequireSymbols || demands.RequireSymbols === true,
    ...(shortest < NEVER && { MaxPasswordAge: shortest }),
    ...(most > 0 && { PasswordReusePrevention: most }),
  };
}
const NEVER = Number.POSITIVE_INFINITY;

/** Whether an earlier expiry bars people for good: with HardExpiry, nobody may change a password that has expired. */
export const locksOut = (policy: PasswordPolicy | null, wanted: PasswordPolicy): boolean =>
  wanted.HardExpiry && wanted.MaxPasswordAge !== policy?.MaxPasswordAge;

export const LOCKED_OUT =
  'HardExpiry is on: everybody whose password is older than the new expiry would be locked out until an ' +
  'administrator resets it. Turn HardExpiry off, or announce the expiry and set it by hand';

/** As GetAccountPasswordPolicy answers it; IAM leaves out, or calls 0, what is not set. */
export const fromAws = (policy: AwsPolicy): PasswordPolicy => ({
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

/** For example `MinimumPasswordLength 6 → 14, RequireSymbols false → true`. */
export function changeInWords(from: PasswordPolicy | null, to: PasswordPolicy | null): string {
  if (!to) return 'the password policy is removed: the one that AWS has for everybody holds';
  const names = Object.keys(PasswordPolicy.shape) as (keyof PasswordPolicy)[];
  const changes = names
    .filter((name) => from?.[name] !== to[name])
    .map((name) => `${name} ${from?.[name] ?? 'unset'} → ${to[name] ?? 'unset'}`);
  return `${from ? '' : 'a password policy is made: '}${changes.join(', ')}`;
}
