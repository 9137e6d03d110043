/** A bus includes its rules. */
import { type RecordPath, wholeState } from '../../kernel/comparison.ts';
import { parseArn } from '../arn.ts';

function locate(arn: string): readonly RecordPath[] {
  const [type = '', ...names] = parseArn(arn).resource.split('/');
  const name = names.at(-1) ?? '';
  if (type === 'event-bus') return [['buses', name]];
  if (type === 'rule') return [['buses', names.length > 1 ? names[0]! : 'default', 'rules', name]];
  if (type === 'archive') return [['archives', name]];
  if (type === 'replay') return [['replays', name]];
  if (type === 'connection') return [['connections', names[0]!]];
  return type === 'api-destination' ? [['destinations', names[0]!]] : [];
}

export const eventbridgeComparison = { comparable: wholeState, locate };
