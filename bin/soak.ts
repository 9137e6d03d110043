/** `npm run soak`: long runs in the sandbox. */
import { runSoak } from '../lab/soak/program.ts';

await runSoak();
