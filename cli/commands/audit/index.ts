import type { CommandGroup } from '../../command.ts';

export default {
  name: 'audit',
  heading: 'Look',
  summary: 'verify the audit chain, without AWS',
} satisfies CommandGroup;
