/** Builds the bundles of the remediations whose ids it gets. */
import { workerData } from 'node:worker_threads';
import { buildBundles } from './bundles.ts';
import type { remediationIds } from './remediation-ids.ts';

const ids: ReturnType<typeof remediationIds> = workerData;
await buildBundles(ids.map((id) => ({ id })));
