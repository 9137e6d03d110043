import type { IamPolicy } from './iam-policy.ts';

/** Policies are looked up at each decision, never copied into the principal. */
export type Principal =
  | {
      readonly kind: 'session';
      readonly arn: string;
      readonly account: string;
      readonly role: string;
      readonly userId: string;
      readonly sourceIdentity?: string;
      readonly sessionTags: Readonly<Record<string, string>>;
      readonly sessionPolicy?: IamPolicy;
      readonly transitiveTags?: readonly string[];
      readonly mfaAt?: number;
      readonly issuedAt: number;
      /** A service that calls with the session's permissions, such as CloudFormation, which alone sets `aws:` tags. */
      readonly invokedBy?: string;
    }
  | {
      readonly kind: 'user';
      readonly arn: string;
      readonly account: string;
      readonly user: string;
      readonly userId: string;
      readonly mfaAt?: number;
    }
  | { readonly kind: 'root'; readonly arn: string; readonly account: string }
  /** An AWS service; with a `source`, requests have aws:SourceArn and aws:SourceAccount. */
  | { readonly kind: 'service'; readonly service: string; readonly account: string; readonly source?: string };

export const principalName = (principal: Principal): string =>
  principal.kind === 'service' ? principal.service : principal.arn;
