import type { CommandGroup } from '../../command.ts';

export default {
  name: 'ip-ranges',
  heading: 'Set up',
  summary: 'keep security groups equal to published ranges: plan, apply, propose, approve, remove, status',
} satisfies CommandGroup;
