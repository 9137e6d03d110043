/** Makes several faults of one resource: what was created for the first fault is not created again for the next. */

/** Outputs of Create operations by the command's name, in order. */
export type Creations = Map<string, unknown[]>;

type NextHandler = (args: any) => Promise<any>;

/**
 * Returns middleware of an SDK client. A Create operation that was sent for this resource before returns its earlier
 * output. A security group rule that exists already is not an error.
 */
export function reuseCreations(creations: Creations) {
  const counts = new Map<string, number>();
  return (next: NextHandler, { commandName = '' }: { commandName?: string }) =>
    async (args: any) => {
      if (!commandName.startsWith('Create')) return addMissingRules(next, args);
      const index = counts.get(commandName) ?? 0;
      counts.set(commandName, index + 1);
      const earlier = creations.get(commandName) ?? [];
      if (index < earlier.length) return { output: earlier[index], response: {} };
      const result = await next(args);
      creations.set(commandName, [...earlier, result.output]);
      return result;
    };
}

/** Sends the rules of a call one by one if EC2 refuses all of them because one exists. */
async function addMissingRules(next: NextHandler, args: any): Promise<any> {
  try {
    return await next(args);
  } catch (error) {
    if ((error as Error).name !== 'InvalidPermission.Duplicate') throw error;
    const rules: unknown[] = args.input.IpPermissions;
    if (rules.length === 1) return { output: {}, response: {} };
    for (const rule of rules) await addMissingRules(next, { ...args, input: { ...args.input, IpPermissions: [rule] } });
    return { output: {}, response: {} };
  }
}
