import { generated, type RecordPath } from '../../kernel/comparison.ts';
import { parseArn } from '../arn.ts';
import type { SfnState, StateMachine } from './state.ts';

const comparable = ({ machines, ...state }: SfnState): unknown => ({
  ...state,
  machines: new Map([...machines].map(([arn, machine]) => [arn, comparableMachine(machine)])),
});

/** Each update gives a machine a new revision id and date. */
const comparableMachine = ({ updateDate, revisionId, ...machine }: StateMachine) => ({
  ...machine,
  change: generated({ updateDate, revisionId }),
});

function locate(arn: string): readonly RecordPath[] {
  const [type = '', , qualifier] = parseArn(arn).resource.split(':');
  if (type === 'execution') return [['executions', arn]];
  if (type !== 'stateMachine') return [];
  if (qualifier === undefined) return [['machines', arn]];
  return [[/^\d+$/.test(qualifier) ? 'versions' : 'aliases', arn]];
}

export const sfnComparison = { comparable, locate };
