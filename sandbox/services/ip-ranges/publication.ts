/** For tests: answers to downloads, the list of downloads, and announcements on the topic. */
import type { AwsPlace, Kernel, Principal } from '../../kernel/kernel.ts';
import { type DownloadAnswer, IP_RANGES, type IpRangesState } from './state.ts';

const PUBLISHER = '806199016981';
export const IP_RANGES_TOPIC_ARN = `arn:aws:sns:us-east-1:${PUBLISHER}:AmazonIpSpaceChanged`;
export const IP_RANGES_PUBLISHER: Principal = {
  kind: 'root',
  arn: `arn:aws:iam::${PUBLISHER}:root`,
  account: PUBLISHER,
};
export const IP_RANGES_PLACE: AwsPlace = { partition: 'aws', account: PUBLISHER, region: 'us-east-1' };

/** Sets the answers to downloads: each serves one download, the last one also all further downloads. */
export const publishIpRanges = (kernel: Kernel, ...answers: readonly DownloadAnswer[]): void => {
  kernel.state(IP_RANGES, IP_RANGES_PLACE).answers = answers;
};

export const ipRangesDownloads = (kernel: Kernel): IpRangesState['downloads'] => [
  ...kernel.state(IP_RANGES, IP_RANGES_PLACE).downloads,
];

export async function announceIpRanges(kernel: Kernel, message: string): Promise<void> {
  const input = { TopicArn: IP_RANGES_TOPIC_ARN, Subject: 'IP Space Changed', Message: message };
  await kernel.call(IP_RANGES_PUBLISHER, IP_RANGES_PLACE, 'sns', 'Publish', input);
}
