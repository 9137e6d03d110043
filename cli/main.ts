#!/usr/bin/env node
/** The executable of the package @suture/cli: the command line without `simulate`, which needs the sandbox. */
import { main } from './program.ts';

await main(process.argv);
