import { expect, it } from 'vitest';
import { costPer, fixedCost, storageCost } from '../../../../functions/remediations/kit/monthly-cost.ts';

const GB = 1024 ** 3;

it('the cost of storage follows the size of the resource, to one digit', () => {
  expect(storageCost('dynamoRecovery', 9.6 * GB, 'the table')).toBe(
    'about $2 a month, about $0.20 a GB and month of the table',
  );
  expect(storageCost('dynamoRecovery', 10.4 * GB, 'the table')).toBe(
    storageCost('dynamoRecovery', 9.6 * GB, 'the table'),
  );
  expect(storageCost('dynamoRecovery', 0, 'the table')).toBe(
    'less than $0.01 a month, about $0.20 a GB and month of the table',
  );
});

it('the cost of storage of unknown size is the price of a GB', () => {
  expect(storageCost('clusterBackup', undefined, 'backups')).toBe('about $0.021 a GB and month of backups');
  expect(costPer('managementEvents', 'for 100,000')).toBe('about $2 for 100,000');
});

it('fixed prices are added', () => {
  expect(fixedCost('metric', 'alarm')).toBe('about $0.40 a month');
});
