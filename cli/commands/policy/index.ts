import type { CommandGroup } from '../../command.ts';

export default {
  name: 'policy',
  summary: 'check policy.yaml, compare it with what is deployed, deploy it',
} satisfies CommandGroup;
