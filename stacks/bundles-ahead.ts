/** esbuild takes as long as loading the CDK and all remediations. In a thread of its own it does not wait for them. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { configuredPackages } from './packages/join.ts';
import { remediationIds } from './remediation-ids.ts';

/** Begins to build the bundles that `buildBundles` will find, unless cdk.json names packages, which are checked first. */
export async function bundleAhead(): Promise<void> {
  if (configuredPackages().length > 0) return;
  const worker = new Worker(new URL('./bundle-worker.ts', import.meta.url), { workerData: remediationIds() });
  await once(worker, 'exit');
}
