import { assembly } from '../stacks/assembly.ts';

const { directory, reused, seconds } = await assembly({ force: process.argv.includes('--force') });
console.log(`${directory} ${reused ? 'is up to date' : 'synthesized'} (${seconds.toFixed(1)} s)`);
