/** CloudFormation StackSets have no API in the sandbox. */

import { wholeState } from '../../kernel/comparison.ts';
import { defineService, type Service } from '../../kernel/kernel.ts';
import { locateNothing } from '../locate.ts';
import { onAccountMove } from '../organizations/moves.ts';
import { deployAutomatically } from './instances.ts';
import { STACK_SET_TYPE, stackSetResource } from './resource.ts';
import { STACK_SETS, type StackSetsState } from './state.ts';

export const stackSets: Service<{}, StackSetsState> = defineService<{}, StackSetsState>({
  ...STACK_SETS,
  sdk: {},
  client: class {},
  prefix: 'cloudformation',
  comparable: wholeState,
  locate: locateNothing,
  operations: {},
  resources: { [STACK_SET_TYPE]: stackSetResource },
  start: (kernel) => onAccountMove(kernel, (account) => deployAutomatically(kernel, account)),
});
