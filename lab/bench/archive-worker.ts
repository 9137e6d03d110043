/** The archive lane in a thread of its own: its time is virtual, so nothing beside it makes it slower. */
import { parentPort } from 'node:worker_threads';
import { archiveSection } from './archive-figures.ts';

parentPort!.postMessage(await archiveSection());
