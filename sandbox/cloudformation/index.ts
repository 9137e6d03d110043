export { type AssemblyOptions, type DeployedStack, deployAssembly } from './assembly.ts';
export { type DeployOptions, deployTemplate } from './deploy.ts';
export { type StackSetRecord, stackSets } from './stack-sets/stack-sets.ts';
export { cloudformation, type Stack, type StackResource } from './stacks.ts';
