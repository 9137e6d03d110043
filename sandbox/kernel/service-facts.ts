/** Facts from a service's definition, with the defaults of AWS's JSON protocols. */
import type { ErrorForm } from './fault.ts';
import type { Service } from './service.ts';

export const THROTTLING: ErrorForm = { code: 'ThrottlingException', status: 400 };
export const DENIAL: ErrorForm = { code: 'AccessDeniedException', status: 400 };

/** Operations whose names begin with these words change nothing. */
export const READ_VERBS = ['Get', 'List', 'Describe', 'Head', 'BatchGet', 'Lookup', 'Search'];
const READS = new RegExp(`^(${READ_VERBS.join('|')})`);

export const throttlingOf = ({ throttling }: Service): ErrorForm => ({
  message: 'Rate exceeded',
  ...(throttling ?? THROTTLING),
});

export const denialOf = ({ denial }: Service): ErrorForm => denial ?? DENIAL;

export const isReadOperation = ({ reads }: Service, operation: string): boolean =>
  READS.test(operation) || reads?.includes(operation) === true;
