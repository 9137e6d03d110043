/**
 * Reads of resources that nobody can make in the sandbox. They answer as AWS does in an account without such resources,
 * for scanners that ask for everything.
 */
import type { Need, ServiceOperation } from '../kernel/kernel.ts';
import { onlyMembers } from './requests.ts';

/**
 * Returns a read that always gives the same answer.
 * @param members members of the request that change nothing in an empty answer: filters and pages
 */
export const emptyRead = <I extends object, O extends object, S>(
  name: string,
  members: readonly (keyof NoInfer<I> & string)[],
  answer: O,
  needs?: () => readonly Need[],
): ServiceOperation<I, O, S> => ({
  ...(needs && { needs }),
  run: (input) => {
    onlyMembers<I>(name, input, members);
    return answer;
  },
});
