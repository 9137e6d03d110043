import { afterAll, beforeAll, expect, test } from 'vitest';
import cases from '../../../../functions/remediations/s3/block-bucket-public-access/scenarios.ts';
import { HERE, type Lab, type Neighbour, openLab } from '../../../../lab/laws/lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab(cases);
});
afterAll(() => lab.close());

test('a bucket of another account, though that lets this one in, is refused before anything is written', async () => {
  const arranged = await lab.arrange('the bucket is older than the settings');
  const foreign = arranged.neighbours.find(({ place }) => place.account === '444444444444')!;
  const trial = lab.begin({ ...arranged, resource: foreign.resource });
  await welcome(foreign);
  const before = await trial.state(foreign);
  await expect(trial.go('apply')).rejects.toMatchObject({ name: 'AccessDenied' });
  expect(trial.journal()).toEqual([]);
  expect(await trial.state(foreign)).toEqual(before);
});

test('a bucket of another Region than the finding names is not touched', async () => {
  const arranged = await lab.arrange('the bucket is older than the settings');
  const elsewhere = arranged.neighbours.find(({ place }) => place.region === 'eu-west-1')!;
  const trial = lab.begin({ ...arranged, resource: elsewhere.resource });
  await expect(trial.go('apply')).rejects.toMatchObject({ name: 'PermanentRedirect' });
  expect(trial.journal()).toEqual([]);
});

/** The bucket's owner lets the finding's account do everything. */
async function welcome({ place, resource }: Neighbour) {
  const { kernel } = lab.sandbox;
  const Statement = { Effect: 'Allow', Principal: { AWS: HERE.account }, Action: 's3:*', Resource: resource.Id };
  await kernel.call(kernel.administrator!(place.account), place, 's3', 'PutBucketPolicy', {
    Bucket: resource.Id.split(':::')[1],
    Policy: JSON.stringify({ Version: '2012-10-17', Statement }),
  });
}
