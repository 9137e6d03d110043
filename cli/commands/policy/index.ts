import type { CommandGroup } from '../../command.ts';

export default {
  name: 'policy',
  heading: 'Policy',
  summary: 'check policy.yaml, compare it with the deployed policy, deploy or propose it',
} satisfies CommandGroup;
