import { joinPackages } from '../stacks/packages/join.ts';

await joinPackages();
const { runSmoke } = await import('../smoke/program.ts');

await runSmoke();
