import type { CommandGroup } from '../../command.ts';

export default {
  name: 'dlq',
  summary: 'look into the dead-letter queues, and redrive their messages',
} satisfies CommandGroup;
