/** Each mutant leaks what nobody should see, which the law about secrets must find. */
import { LEAKING_MUTANTS } from './leaking-mutants.ts';
import { expectFound } from './mutation.ts';

expectFound(LEAKING_MUTANTS);
