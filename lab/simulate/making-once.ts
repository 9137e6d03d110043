/** For a resource of which several faults are made: whatever was created for the first one is not created again. */

/** What creations were answered, by the command's name, in order. */
export type Creations = Map<string, unknown[]>;

type Next = (args: any) => Promise<any>;

/**
 * Middleware of an SDK client. A creation that was made for this resource before is answered as it was answered then; a rule
 * that is there already is passed over.
 */
export function makingOnce(creations: Creations) {
  const nth = new Map<string, number>();
  return (next: Next, { commandName = '' }: { commandName?: string }) =>
    async (args: any) => {
      if (!commandName.startsWith('Create')) return unlessThere(next, args);
      const index = nth.get(commandName) ?? 0;
      nth.set(commandName, index + 1);
      const before = creations.get(commandName) ?? [];
      if (index < before.length) return { output: before[index], response: {} };
      const answer = await next(args);
      creations.set(commandName, [...before, answer.output]);
      return answer;
    };
}

/** EC2 refuses all rules of a call for one that is there: then each is sent alone. */
async function unlessThere(next: Next, args: any): Promise<any> {
  try {
    return await next(args);
  } catch (error) {
    if ((error as Error).name !== 'InvalidPermission.Duplicate') throw error;
    const rules: unknown[] = args.input.IpPermissions;
    if (rules.length === 1) return { output: {}, response: {} };
    for (const rule of rules) await unlessThere(next, { ...args, input: { ...args.input, IpPermissions: [rule] } });
    return { output: {}, response: {} };
  }
}
