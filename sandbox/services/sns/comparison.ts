/** A topic includes its subscriptions. */
import { type RecordPath, wholeState } from '../../kernel/comparison.ts';
import { parseArn } from '../arn.ts';

function locate(arn: string): readonly RecordPath[] {
  const [topic = '', subscription] = parseArn(arn).resource.split(':');
  if (topic === '') return [];
  if (subscription === undefined) return [['topics', arn]];
  return [['topics', arn.slice(0, arn.lastIndexOf(':')), 'subscriptions', arn]];
}

export const snsComparison = { comparable: wholeState, locate };
