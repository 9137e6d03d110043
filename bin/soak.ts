import { runSoak } from '../lab/soak/program.ts';

await runSoak();
