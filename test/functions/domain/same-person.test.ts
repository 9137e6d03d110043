import { expect, it } from 'vitest';
import { isSamePerson } from '../../../functions/domain/same-person.ts';

const session = (role: string, name: string, account = '111111111111') =>
  `arn:aws:sts::${account}:assumed-role/${role}/${name}`;
const user = (name: string, account = '111111111111') => `arn:aws:iam::${account}:user/${name}`;
const root = (account: string) => `arn:aws:iam::${account}:root`;

it.each<[what: string, one: string, other: string, same: boolean]>([
  ['one session', session('Operator', 'ada'), session('Operator', 'ada'), true],
  ['two sessions of one role', session('Operator', 'ada'), session('Operator', 'grace'), false],
  ['one person in two roles', session('Operator', 'ada'), session('Admin', 'ada'), true],
  [
    'one person in two permission sets',
    session('AWSReservedSSO_Operator_0123456789abcdef', 'Ada@example.com'),
    session('AWSReservedSSO_Admin_fedcba9876543210', 'ada@example.com'),
    true,
  ],
  ['one person in two accounts', session('Operator', 'ada'), session('Operator', 'ada', '222222222222'), true],
  ['one user', user('ada'), user('ada'), true],
  ['two users', user('ada'), user('grace'), false],
  ['a user with a path', user('people/ada'), user('ada'), true],
  ['a user who assumed a role', user('ada'), session('Operator', 'ada'), true],
  ['a name that ends alike', user('ada'), user('grace-ada'), false],
  ['a federated user', 'arn:aws:sts::111111111111:federated-user/ada', user('ada'), true],
  ['one root', root('111111111111'), root('111111111111'), true],
  ['roots of two accounts', root('111111111111'), root('222222222222'), false],
  ['a root and a user of that name', root('111111111111'), user('root'), false],
  ['another partition', session('Operator', 'ada').replace('arn:aws:', 'arn:aws-us-gov:'), user('ada'), true],
])('%s', (_, one, other, same) => {
  expect(isSamePerson(one, other)).toBe(same);
  expect(isSamePerson(other, one)).toBe(same);
});
