import { type At, AwsError, type AwsPlace, type StateKey } from '../../kernel/kernel.ts';
import type { PrincipalNames } from '../iam/state.ts';

export type Subscription = {
  readonly arn: string;
  readonly topicArn: string;
  readonly owner: string;
  readonly protocol: string;
  readonly endpoint: string;
  /** Email and HTTPS endpoints must confirm first, which never happens in the sandbox. */
  readonly pending: boolean;
  attributes: Record<string, string>;
};

export type Topic = {
  readonly name: string;
  readonly arn: string;
  readonly place: AwsPlace;
  /** In the form of SetTopicAttributes: Policy, KmsMasterKeyId, DisplayName, … */
  attributes: Record<string, string>;
  /** The roles and users of its policy. */
  principals?: PrincipalNames | undefined;
  tags: Readonly<Record<string, string>>;
  readonly subscriptions: Map<string, Subscription>;
};

export type SnsState = { readonly topics: Map<string, Topic> };
export type SnsAt = At<SnsState>;

export const SNS: StateKey<SnsState> = { name: 'sns', scope: 'region', state: () => ({ topics: new Map() }) };

export const topicArn = ({ partition, region, account }: AwsPlace, name: string): string =>
  `arn:${partition}:sns:${region}:${account}:${name}`;

/**
 * Accepts a topic's ARN or that of one of its subscriptions.
 * @throws AwsError InvalidParameter
 */
export function topicPlace(arn: string | undefined): AwsPlace & { topic: string } {
  const match = /^(arn:([^:]+):sns:([^:]+):(\d{12}):[\w-]+)(?::[\w-]+)?$/.exec(arn ?? '');
  if (!match)
    throw new AwsError(
      'InvalidParameter',
      `Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not ${(arn ?? '').split(':').length}`,
    );
  const [, topic, partition, region, account] = match as unknown as [string, string, string, string, string];
  return { topic, partition, region, account };
}
