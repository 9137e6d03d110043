import { afterAll, beforeAll, expect, it } from 'vitest';
import scenarios from '../../../../functions/remediations/s3/block-bucket-public-access/scenarios.ts';
import type { Neighbour } from '../../../../lab/laws/neighbours.ts';
import { FINDING_PLACE, OTHER_ACCOUNT_PLACE, OTHER_REGION_PLACE } from '../../../../lab/laws/places.ts';
import { openProofSandbox, type ProofSandbox } from '../../../../lab/laws/proof-sandbox.ts';

let proof: ProofSandbox;
beforeAll(async () => {
  proof = await openProofSandbox(scenarios);
});
afterAll(() => proof.close());

it('refuses a bucket of another account that allows this one everything, before anything is written', async () => {
  const arranged = await proof.arrange('the bucket is older than the settings');
  const foreign = arranged.neighbours.find(({ place }) => place.account === OTHER_ACCOUNT_PLACE.account)!;
  const run = proof.start({ ...arranged, resource: foreign.resource });
  await allowEverything(foreign);
  const before = await run.state(foreign);
  await expect(run.invoke('apply')).rejects.toMatchObject({ name: 'AccessDenied' });
  expect(run.journal()).toEqual([]);
  expect(await run.state(foreign)).toEqual(before);
});

it('leaves a bucket alone that is in another Region than the finding says', async () => {
  const arranged = await proof.arrange('the bucket is older than the settings');
  const distant = arranged.neighbours.find(({ place }) => place.region === OTHER_REGION_PLACE.region)!;
  const run = proof.start({ ...arranged, resource: distant.resource });
  await expect(run.invoke('apply')).rejects.toMatchObject({ name: 'PermanentRedirect' });
  expect(run.journal()).toEqual([]);
});

async function allowEverything({ place, resource }: Neighbour) {
  const { kernel } = proof.sandbox;
  const Statement = {
    Effect: 'Allow',
    Principal: { AWS: FINDING_PLACE.account },
    Action: 's3:*',
    Resource: resource.Id,
  };
  await kernel.call(kernel.administrator!(place.account), place, 's3', 'PutBucketPolicy', {
    Bucket: resource.Id.split(':::')[1],
    Policy: JSON.stringify({ Version: '2012-10-17', Statement }),
  });
}
