import { App } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import sample from '../../cdk.json' with { type: 'json' };
import { readContext } from '../../stacks/context.ts';

const read = (context: Record<string, unknown>) => readContext(new App({ context }).node);
const SAMPLE = sample.context.suture;

describe('the context', () => {
  it('in cdk.json is valid', () => {
    expect(read({ suture: SAMPLE })).toMatchObject({ securityAccount: '111111111111', excludedAccounts: [] });
  });

  it('takes single values and comma-separated lists from the command line', () => {
    const context = read({
      suture: SAMPLE,
      'suture:homeRegion': 'eu-west-1',
      'suture:regions': 'eu-west-1,eu-north-1',
    });
    expect(context).toMatchObject({ homeRegion: 'eu-west-1', regions: ['eu-west-1', 'eu-north-1'] });
  });

  it('has defaults for partition and excluded accounts', () => {
    const { partition, excludedAccounts, ...needed } = SAMPLE;
    expect(read({ suture: needed })).toMatchObject({ partition: 'aws', excludedAccounts: [] });
  });

  it.each([
    [
      'an account of 11 digits',
      { securityAccount: '11111111111' },
      'context.suture.securityAccount is "11111111111": expected the 12 digits of an account id',
    ],
    [
      'an account as a number',
      { serviceAccount: 222222222222 },
      'context.suture.serviceAccount is 222222222222: expected a string',
    ],
    [
      'an invalid Region',
      { homeRegion: 'Frankfurt' },
      'context.suture.homeRegion is "Frankfurt": expected a Region, such as us-east-1',
    ],
    [
      'an invalid Region in the list',
      { regions: ['us-east-1', 'x'] },
      'context.suture.regions.1 is "x": expected a Region',
    ],
    ['no Regions', { regions: [] }, 'context.suture.regions is []: expected at least one Region'],
    [
      'an invalid organization id',
      { organizationId: 'r-ab12' },
      'context.suture.organizationId is "r-ab12": expected the id of the organization',
    ],
    ['a missing key', { externalId: undefined }, 'context.suture.externalId is missing: expected a string'],
    [
      'an invalid partition',
      { partition: 'azure' },
      'context.suture.partition is "azure": expected aws, aws-cn or aws-us-gov',
    ],
    [
      'a misspelt key',
      { exludedAccounts: [] },
      'context.suture.exludedAccounts: no such key; there are organizationId,',
    ],
  ])('with %s is refused', (_, change, message) => {
    expect(() => read({ suture: { ...SAMPLE, ...change } })).toThrow(message);
  });

  it('without values is refused with every missing key', () => {
    expect(() => read({})).toThrow(/securityAccount is missing[\s\S]*homeRegion is missing/);
  });
});
