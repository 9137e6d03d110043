/** `npm start`: the whole pipeline in the sandbox. */
import { runStory } from '../lab/story/start.ts';

process.exit(await runStory());
