import { runBench } from '../lab/bench/program.ts';

await runBench();
