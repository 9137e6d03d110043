import { type RecordPath, wholeState } from '../../kernel/comparison.ts';
import { parseArn } from '../arn.ts';

/** The policies attached to an account or unit belong to it. */
function locate(arn: string): readonly RecordPath[] {
  const [type = '', ...names] = parseArn(arn).resource.split('/');
  const id = names.at(-1) ?? '';
  if (type === 'account')
    return [
      ['accounts', id],
      ['attached', id],
    ];
  if (type === 'ou')
    return [
      ['units', id],
      ['attached', id],
    ];
  return type === 'policy' ? [['policies', id]] : [];
}

export const organizationsComparison = { comparable: wholeState, locate };
