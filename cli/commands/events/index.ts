import type { CommandGroup } from '../../command.ts';

export default {
  name: 'events',
  heading: 'Decide',
  summary: 'work with the archive of the event bus',
} satisfies CommandGroup;
