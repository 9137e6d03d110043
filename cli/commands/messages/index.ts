import type { CommandGroup } from '../../command.ts';

export default {
  name: 'messages',
  heading: 'Decide',
  summary: 'list the places of messages and tickets, and try whether messages arrive',
} satisfies CommandGroup;
