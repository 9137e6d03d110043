import type { CommandGroup } from '../../command.ts';

export default {
  name: 'proposals',
  heading: 'Decide',
  summary: 'list and answer what one person proposed and another must approve',
} satisfies CommandGroup;
