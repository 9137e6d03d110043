import type { CommandGroup } from '../../command.ts';

export default {
  name: 'events',
  summary: 'work with the archive of the event bus',
} satisfies CommandGroup;
