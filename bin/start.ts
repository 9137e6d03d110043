import { joinPackages } from '../stacks/packages/join.ts';

await joinPackages();
const { runStory } = await import('../lab/story/start.ts');

process.exit(await runStory());
