#!/usr/bin/env node
/** The executable of the package @suture/cli: the command line without `simulate`, which needs the sandbox. */
import { runSuture } from './program.ts';

await runSuture(process.argv);
