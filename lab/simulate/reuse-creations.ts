/** Lets several scenarios add faults to one resource: what the first created is not created again. */

export type Creations = Map<string, unknown[]>;

type NextHandler = (args: any) => Promise<any>;

/**
 * A Create operation that was sent for this resource before returns its earlier output. An existing security group rule
 * is not an error.
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

/** EC2 refuses all rules of a call if one exists, so this sends them one by one. */
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
