/** `npm start`: the whole pipeline in the sandbox. */
import { main } from '../lab/story/start.ts';

process.exit(await main());
