import { main } from '../lab/story/serve.ts';

process.exit(await main());
