/** Time is virtual here, so the load of other threads does not matter. */
import { parentPort } from 'node:worker_threads';
import { archiveSection } from './archive-figures.ts';

parentPort!.postMessage(await archiveSection());
