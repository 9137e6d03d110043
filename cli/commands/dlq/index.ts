import type { CommandGroup } from '../../command.ts';

export default {
  name: 'dlq',
  heading: 'Decide',
  summary: 'inspect the dead-letter queues, and redrive their messages',
} satisfies CommandGroup;
