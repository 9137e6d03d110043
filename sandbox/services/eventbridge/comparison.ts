/** A bus includes its rules. */
import { type RecordPath, wholeState } from '../../kernel/comparison.ts';
import { parseArn } from '../arn.ts';

function locate(arn: string): readonly RecordPath[] {
  const [type = '', ...names] = parseArn(arn).resource.split('/');
  const name = names.at(-1) ?? '';
  if (type === 'event-bus') return [['buses', name]];
  if (type === 'rule') return [['buses', names.length > 1 ? names[0]! : 'default', 'rules', name]];
  if (type === 'archive') return [['archives', name]];
  return type === 'replay' ? [['replays', name]] : [];
}

export const eventbridgeComparison = { comparable: wholeState, locate };
