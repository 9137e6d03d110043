import { App } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import sample from '../../cdk.json' with { type: 'json' };
import { readContext } from '../../stacks/context.ts';

const read = (context: Record<string, unknown>) => readContext(new App({ context }).node);
const suture = sample.context.suture;

describe('the context', () => {
  test('in cdk.json is a sample that is valid', () => {
    expect(read({ suture })).toMatchObject({ securityAccount: '111111111111', excludedAccounts: [] });
  });

  test('takes single values from the command line, lists with commas', () => {
    const given = read({ suture, 'suture:homeRegion': 'eu-west-1', 'suture:regions': 'eu-west-1,eu-north-1' });
    expect(given).toMatchObject({ homeRegion: 'eu-west-1', regions: ['eu-west-1', 'eu-north-1'] });
  });

  test('has defaults for partition and excluded accounts', () => {
    const { partition, excludedAccounts, ...needed } = suture;
    expect(read({ suture: needed })).toMatchObject({ partition: 'aws', excludedAccounts: [] });
  });

  test.each([
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
      'a Region that is none',
      { homeRegion: 'Frankfurt' },
      'context.suture.homeRegion is "Frankfurt": expected a Region, such as us-east-1',
    ],
    [
      'a wrong Region in the list',
      { regions: ['us-east-1', 'x'] },
      'context.suture.regions.1 is "x": expected a Region',
    ],
    ['no Regions', { regions: [] }, 'context.suture.regions is []: expected at least one Region'],
    [
      'an organization that is none',
      { organizationId: 'r-ab12' },
      'context.suture.organizationId is "r-ab12": expected the id of the organization',
    ],
    ['a missing key', { externalId: undefined }, 'context.suture.externalId is missing: expected a string'],
    [
      'a partition that is none',
      { partition: 'azure' },
      'context.suture.partition is "azure": expected aws, aws-cn or aws-us-gov',
    ],
    [
      'a misspelt key',
      { exludedAccounts: [] },
      'context.suture.exludedAccounts: no such key; there are organizationId,',
    ],
  ])('with %s is refused', (_, change, message) => {
    expect(() => read({ suture: { ...suture, ...change } })).toThrow(message);
  });

  test('without any value names every key that is missing', () => {
    expect(() => read({})).toThrow(/securityAccount is missing[\s\S]*homeRegion is missing/);
  });
});
