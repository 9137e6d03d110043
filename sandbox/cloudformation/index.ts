export { type StackSetRecord, stackSets } from '../services/stack-sets/stack-sets.ts';
export { type AssemblyOptions, type DeployedStack, deployAssembly } from './assembly.ts';
export { type DeployOptions, deployTemplate } from './deploy.ts';
export { cloudformation, type Stack, type StackResource } from './stacks.ts';
