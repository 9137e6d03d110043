import { serveSandbox } from '../lab/story/serve.ts';

process.exit(await serveSandbox());
