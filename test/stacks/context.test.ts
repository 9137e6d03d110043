import { App } from 'aws-cdk-lib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import sample from '../../cdk.json' with { type: 'json' };
import manifest from '../../package.json' with { type: 'json' };
import { excludedAccounts, readContext } from '../../stacks/context.ts';

const read = (context: Record<string, unknown>) => readContext(new App({ context }).node);
const SAMPLE = sample.context.suture;
const { scripts } = manifest;

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

  describe('of a trial', () => {
    afterEach(() => vi.unstubAllEnvs());
    const trial = (more: object = {}) => read({ suture: SAMPLE, 'suture:trial': 'true', ...more });

    it('is one account: that of the credentials, with decided settings, whatever cdk.json says', () => {
      vi.stubEnv('CDK_DEFAULT_ACCOUNT', '444444444444');
      vi.stubEnv('CDK_DEFAULT_REGION', 'us-gov-west-1');
      const context = trial();
      expect(context).toMatchObject({
        ...{ trial: true, bootstrap: true, onePerson: true, partition: 'aws-us-gov' },
        ...{ securityAccount: '444444444444', serviceAccount: '444444444444', homeRegion: 'us-gov-west-1' },
        ...{ regions: ['us-gov-west-1'], excludedAccounts: [], externalId: 'suture-trial-444444444444' },
      });
      expect(context.rollout).toBeUndefined();
      expect(excludedAccounts(context)).toEqual([]);
    });

    it.each(['trial', 'trial:remove'] as const)('is what npm run %s passes to each command of the CDK', (name) => {
      vi.stubEnv('CDK_DEFAULT_ACCOUNT', '444444444444');
      vi.stubEnv('CDK_DEFAULT_REGION', 'eu-west-1');
      const commands = scripts[name].split(' && ').filter((command) => command.startsWith('cdk '));
      expect(commands.length).toBeGreaterThan(0);
      for (const command of commands) {
        const [, key, value] = / -c (\S+)=(\S+)$/.exec(command)!;
        expect(read({ suture: SAMPLE, [key!]: value }).trial, command).toBe(true);
      }
    });

    it('runs in a Region that is disabled by default, unless a part of Suture is missing there', () => {
      vi.stubEnv('CDK_DEFAULT_ACCOUNT', '444444444444');
      vi.stubEnv('CDK_DEFAULT_REGION', 'eu-south-1');
      expect(trial().homeRegion).toBe('eu-south-1');
      vi.stubEnv('CDK_DEFAULT_REGION', 'ca-west-1');
      expect(() => trial()).toThrow(
        'context.suture.homeRegion is "ca-west-1": expected a Region with AWS::Events::Archive; SutureSecurity keeps the events of findings in it, for suture events replay',
      );
    });

    it('is refused without credentials, and with settings of an organization', () => {
      vi.stubEnv('CDK_DEFAULT_ACCOUNT', undefined);
      expect(() => trial()).toThrow('Run it with credentials of the account');
      const rollout = JSON.stringify({ managementAccount: '999999999999' });
      expect(() => trial({ 'suture:rollout': rollout })).toThrow('It takes no suture:rollout.');
    });
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
    [
      'a reservation of concurrency that stops a function',
      { reservedConcurrency: { 'suture-proxy': 0 } },
      'context.suture.reservedConcurrency.suture-proxy is 0: expected a whole number of at least 2. `suture doctor` says how much an account can reserve',
    ],
    [
      'a reservation that is not a number',
      { reservedConcurrency: { 'suture-proxy': '5' } },
      'context.suture.reservedConcurrency.suture-proxy is "5": expected a whole number of at least 2',
    ],
    [
      'a home Region of another partition',
      { homeRegion: 'cn-north-1' },
      'context.suture.homeRegion is "cn-north-1": expected a Region of partition aws, such as us-east-1',
    ],
    [
      'Regions of another partition than China',
      { partition: 'aws-cn', homeRegion: 'cn-north-1', regions: ['cn-north-1', 'us-gov-west-1'], ipRanges: undefined },
      'context.suture.regions.1 is "us-gov-west-1": expected a Region of partition aws-cn, such as cn-north-1',
    ],
    [
      'a home Region that is disabled by default',
      { homeRegion: 'eu-south-1' },
      'context.suture.homeRegion is "eu-south-1": expected a Region that is enabled by default, because Security Hub aggregates findings into no other: us-east-1,',
    ],
    [
      'a home Region that does not exist',
      { homeRegion: 'us-east-9' },
      'context.suture.homeRegion is "us-east-9": expected one of us-east-1, us-east-2,',
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
    ['a misspelt key', { exludedAccounts: [] }, 'context.suture.exludedAccounts: no such key; there are '],
  ])('with %s is refused', (_, change, message) => {
    expect(() => read({ suture: { ...SAMPLE, ...change } })).toThrow(message);
  });

  it('without values is refused with every missing key', () => {
    expect(() => read({})).toThrow(/securityAccount is missing[\s\S]*homeRegion is missing/);
  });
});
