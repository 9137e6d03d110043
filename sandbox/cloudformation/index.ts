export { type AssemblyOptions, type DeployedStack, deployAssembly } from './assembly.ts';
export { type DeployOptions, deleteStack, deployTemplate } from './deploy.ts';
export type { Stack, StackResource } from './stacks.ts';
