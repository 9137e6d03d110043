import { AwsError, type AwsPlace } from '../../kernel/kernel.ts';

export type Subscription = {
  readonly arn: string;
  readonly topicArn: string;
  readonly owner: string;
  readonly protocol: string;
  readonly endpoint: string;
  /** Email and HTTPS endpoints confirm before they get anything, which nobody does in the sandbox. */
  readonly pending: boolean;
  attributes: Record<string, string>;
};

export type Topic = {
  readonly name: string;
  readonly arn: string;
  readonly place: AwsPlace;
  /** As SetTopicAttributes takes them: Policy, KmsMasterKeyId, DisplayName, … */
  attributes: Record<string, string>;
  readonly subscriptions: Map<string, Subscription>;
};

export type SnsState = { readonly topics: Map<string, Topic> };

export const newState = (): SnsState => ({ topics: new Map() });

export const topicArn = ({ partition, region, account }: AwsPlace, name: string): string =>
  `arn:${partition}:sns:${region}:${account}:${name}`;

/** Where a topic lives, from its ARN or that of one of its subscriptions. */
export function placeOf(arn: string | undefined): AwsPlace & { topic: string } {
  const match = /^(arn:([^:]+):sns:([^:]+):(\d{12}):[\w-]+)(?::[\w-]+)?$/.exec(arn ?? '');
  if (!match)
    throw new AwsError(
      'InvalidParameter',
      `Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not ${(arn ?? '').split(':').length}`,
    );
  const [, topic, partition, region, account] = match as unknown as [string, string, string, string, string];
  return { topic, partition, region, account };
}
