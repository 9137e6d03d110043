/**
 * People who sign in at an identity provider of IAM (SAML or OpenID Connect), and assume the roles of viewer, operator and
 * approver directly. IAM sees no MFA of such sessions: the provider must say so in the assertion, or require it always.
 */
import { FederatedPrincipal, type IPrincipal, PrincipalWithConditions } from 'aws-cdk-lib/aws-iam';
import type { Person } from './constructs/people-permissions.ts';
import type { SutureContext } from './context.ts';
import type { OidcProvider, SamlProvider } from './federation-context.ts';

type Conditions = Record<string, Record<string, string | string[]>>;

/** Returns whom the role of `person` trusts, besides the users of the account. */
export const federatedPrincipals = ({ federation, partition }: SutureContext, person: Person): IPrincipal[] =>
  federation.flatMap((each) => {
    if (isSaml(each)) return [samlPrincipal(each, partition)];
    const audience = each.audiences[person];
    return audience === undefined ? [] : [oidcPrincipal(each, audience)];
  });

const isSaml = (provider: SamlProvider | OidcProvider): provider is SamlProvider => 'sessionName' in provider;

/**
 * Trusts a SAML provider, whose assertion names the roles that a person may assume, and the session. The session's name
 * must be the claim that identifies the person, because approvals distinguish people by it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
 */
function samlPrincipal({ provider, sessionName, mfa }: SamlProvider, partition: string): IPrincipal {
  const conditions: Conditions = {
    StringEquals: { 'SAML:aud': SIGN_IN[partition]!, 'sts:RoleSessionName': `\${${sessionName}}` },
    ...(mfa !== 'provider' && { 'ForAnyValue:StringEquals': { [mfa.claim]: mfa.value } }),
  };
  return federatedPrincipal(provider, 'sts:AssumeRoleWithSAML', conditions);
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html */
const SIGN_IN: Readonly<Record<string, string>> = {
  aws: 'https://signin.aws.amazon.com/saml',
  'aws-cn': 'https://signin.amazonaws.cn/saml',
  'aws-us-gov': 'https://signin.amazonaws-us-gov.com/saml',
};

/**
 * Trusts an OpenID Connect provider. Every holder of a token of the audience may assume the role, so each role has an
 * audience of its own. The person chooses the session's name, which must be the token's subject.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
 */
function oidcPrincipal({ provider, mfa }: OidcProvider, audience: string): IPrincipal {
  const issuer = provider.slice(provider.indexOf(':oidc-provider/') + ':oidc-provider/'.length);
  const conditions: Conditions = {
    StringEquals: { [`${issuer}:aud`]: audience, 'sts:RoleSessionName': `\${${issuer}:sub}` },
    ...(mfa === 'amr' && { 'ForAnyValue:StringEquals': { [`${issuer}:amr`]: 'mfa' } }),
  };
  return federatedPrincipal(provider, 'sts:AssumeRoleWithWebIdentity', conditions);
}

const federatedPrincipal = (provider: string, action: string, conditions: Conditions): IPrincipal =>
  new PrincipalWithConditions(new FederatedPrincipal(provider, {}, action), conditions);
