import { NO_VALUE, type Path, resolve, type TemplateScope } from './intrinsics.ts';
import type { CloudFormationState, Stack } from './stacks.ts';
import type { Template } from './template.ts';

/** Sets outputs and exports, unless one of them is invalid. */
export function resolveOutputs(
  template: Template,
  scope: TemplateScope,
  stack: Stack,
  state: CloudFormationState,
): void {
  const exported = new Map<string, unknown>();
  for (const [name, output] of Object.entries(template.Outputs)) {
    if (output.Condition && !scope.condition(output.Condition)) continue;
    const path: Path = ['Outputs', name];
    const value = resolve(output.Value, scope, [...path, 'Value']);
    if (value === NO_VALUE || typeof value === 'object') throw scope.error('an output must be a string', path);
    stack.outputs.set(name, value);
    if (!output.Export) continue;
    const exportName = String(resolve(output.Export.Name, scope, [...path, 'Export', 'Name']));
    const other = state.exports.get(exportName);
    if ((other && other.stack !== stack.name) || exported.has(exportName))
      throw scope.error(
        `Export with name ${exportName} is already exported by stack ${other?.stack ?? stack.name}.`,
        path,
      );
    exported.set(exportName, value);
  }
  for (const [name, { stack: owner }] of state.exports) if (owner === stack.name) state.exports.delete(name);
  for (const [name, value] of exported) state.exports.set(name, { value, stack: stack.name });
}
