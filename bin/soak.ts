/** `npm run soak`: long runs in the sandbox. */
import { main } from '../lab/soak/program.ts';

await main();
