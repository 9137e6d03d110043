import { describe, expect, it } from 'vitest';
import {
  type PasswordPolicy,
  type PasswordRequirements,
  policyChangeText,
  REQUIREMENTS,
  strengthen,
  toPasswordPolicy,
} from '../../../../functions/remediations/iam/password-policy.ts';

const WEAK: PasswordPolicy = {
  MinimumPasswordLength: 6,
  RequireUppercaseCharacters: false,
  RequireLowercaseCharacters: false,
  RequireNumbers: false,
  RequireSymbols: false,
  AllowUsersToChangePassword: true,
  HardExpiry: false,
};

describe('a policy that is strengthened', () => {
  const decisions: [
    name: string,
    policy: Partial<PasswordPolicy>,
    requirements: PasswordRequirements,
    change: Partial<PasswordPolicy>,
  ][] = [
    ['gets the length that is asked for', {}, { MinimumPasswordLength: 14 }, { MinimumPasswordLength: 14 }],
    ['keeps a greater length', { MinimumPasswordLength: 20 }, { MinimumPasswordLength: 14 }, {}],
    ['requires the kind that is asked for', {}, { RequireSymbols: true }, { RequireSymbols: true }],
    ['keeps a kind that is not asked for', { RequireNumbers: true }, { RequireNumbers: false }, {}],
    ['lets passwords expire', {}, { MaxPasswordAge: 90 }, { MaxPasswordAge: 90 }],
    ['lets them expire sooner', { MaxPasswordAge: 180 }, { MaxPasswordAge: 90 }, { MaxPasswordAge: 90 }],
    ['keeps an earlier expiry', { MaxPasswordAge: 30 }, { MaxPasswordAge: 90 }, {}],
    ['keeps an expiry that is not asked for', { MaxPasswordAge: 30 }, { MinimumPasswordLength: 6 }, {}],
    ['remembers passwords', {}, { PasswordReusePrevention: 4 }, { PasswordReusePrevention: 4 }],
    [
      'remembers more of them',
      { PasswordReusePrevention: 4 },
      REQUIREMENTS['IAM.16']!,
      { PasswordReusePrevention: 24 },
    ],
    ['keeps what it remembers', { PasswordReusePrevention: 10 }, { PasswordReusePrevention: 4 }, {}],
    ['keeps its hard expiry', { HardExpiry: true, MaxPasswordAge: 30 }, { MaxPasswordAge: 90 }, {}],
  ];
  it.each(decisions)('%s', (_, policy, requirements, change) => {
    expect(strengthen({ ...WEAK, ...policy }, requirements)).toEqual({ ...WEAK, ...policy, ...change });
  });

  it("for an account without a policy is no weaker than AWS's default", () => {
    expect(strengthen(null, REQUIREMENTS['IAM.13']!)).toMatchObject({
      MinimumPasswordLength: 8,
      RequireUppercaseCharacters: true,
      RequireLowercaseCharacters: true,
      RequireNumbers: true,
      RequireSymbols: true,
    });
  });
});

it('a setting that IAM omits or returns as 0 is not set', () => {
  expect(toPasswordPolicy({ ExpirePasswords: false, MaxPasswordAge: 0, AllowUsersToChangePassword: true })).toEqual(
    WEAK,
  );
});

describe('the text of a change', () => {
  const changes: [of: string, from: PasswordPolicy | null, to: PasswordPolicy | null, words: RegExp][] = [
    ['a setting', WEAK, { ...WEAK, MaxPasswordAge: 90 }, /^MaxPasswordAge unset → 90$/],
    ['a setting that is removed', { ...WEAK, MaxPasswordAge: 90 }, WEAK, /^MaxPasswordAge 90 → unset$/],
    ['a first policy', null, WEAK, /^a password policy is created: MinimumPasswordLength unset → 6, /],
    ['a policy that is deleted', WEAK, null, /^the password policy is deleted/],
  ];
  it.each(changes)('of %s', (_, from, to, words) => {
    expect(policyChangeText(from, to)).toMatch(words);
  });
});
