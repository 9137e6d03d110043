import { joinPackages } from '../stacks/packages/join.ts';

await joinPackages();
const { serveSandbox } = await import('../lab/story/serve.ts');

process.exit(await serveSandbox());
