/** `context.suture.federation`: identity providers of IAM in the security account. */
import * as z from 'zod';

const SAML = /^arn:[\w-]+:iam::\d{12}:saml-provider\/[\w.-]{1,128}$/;
const OIDC = /^arn:[\w-]+:iam::\d{12}:oidc-provider\/[\w.:/-]{1,255}$/;

const SamlProvider = z.strictObject({
  provider: z.string().regex(SAML, 'the ARN of a SAML or OpenID Connect provider of IAM'),
  /** The claim that identifies a person. The provider must send it as the name of the session too. */
  sessionName: z
    .enum(
      ['saml:sub', 'saml:mail', 'saml:edupersonprincipalname'],
      'saml:sub, saml:mail or saml:edupersonprincipalname',
    )
    .default('saml:sub'),
  /** `provider`: it lets nobody sign in without MFA. Or a claim that says so. */
  mfa: z.union(
    [
      z.literal('provider'),
      z.strictObject({
        claim: z.string().regex(/^saml:\w+$/, 'a key such as saml:edupersonassurance'),
        value: z.string().min(1),
      }),
    ],
    '"provider", or the claim and value by which the provider says that a person used MFA',
  ),
});
export type SamlProvider = z.infer<typeof SamlProvider>;

const audience = z.string('an audience of its own').min(1, 'an audience of its own').optional();
const OidcProvider = z.strictObject({
  provider: z.string().regex(OIDC, 'the ARN of an OpenID Connect provider of IAM'),
  audiences: z.strictObject({ viewer: audience, operator: audience, approver: audience }),
  /** `amr`: the token's `amr` must have `mfa` (RFC 8176). `provider`: it lets nobody sign in without MFA. */
  mfa: z.enum(['amr', 'provider'], '"amr" or "provider"'),
});
export type OidcProvider = z.infer<typeof OidcProvider>;

export const Federation = z.array(
  z.unknown().transform((given, context): SamlProvider | OidcProvider => {
    const isOidc =
      typeof (given as { provider?: unknown })?.provider === 'string' && OIDC.test((given as any).provider);
    const parsed = (isOidc ? OidcProvider : SamlProvider).safeParse(given);
    if (parsed.success) return parsed.data;
    for (const { path, message } of parsed.error.issues) context.addIssue({ code: 'custom', path, message });
    return z.NEVER;
  }),
  'a list of identity providers',
);

/** @returns problems of providers that cannot be principals of the account's roles, or whose roles share an audience */
export function federationProblems(
  federation: z.infer<typeof Federation>,
  { partition, account }: { readonly partition: string; readonly account: string },
): string[] {
  return federation.flatMap((each, n) => [
    ...(each.provider.startsWith(`arn:${partition}:iam::${account}:`)
      ? []
      : [`context.suture.federation.${n}.provider is "${each.provider}": expected a provider of account ${account}`]),
    ...('audiences' in each && hasDuplicates(Object.values(each.audiences))
      ? [
          `context.suture.federation.${n}.audiences: expected another audience for each role; a token of one opens all of them`,
        ]
      : []),
  ]);
}

const hasDuplicates = (values: readonly unknown[]) => new Set(values).size < values.length;
