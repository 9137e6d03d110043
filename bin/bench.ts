/** `npm run bench`: benchmarks. */
import { main } from '../lab/bench/program.ts';

await main();
