import { runStory } from '../lab/story/start.ts';

process.exit(await runStory());
