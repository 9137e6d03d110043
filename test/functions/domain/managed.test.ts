import { describe, expect, it } from 'vitest';
import { identityOfTarget } from '../../../functions/contract/remediation.ts';
import { managedAction, managedByStack, managersByTags, stackClaim } from '../../../functions/domain/managed.ts';
import { managedDecisionOn } from '../../../functions/domain/managed-policy.ts';
import { SuturePolicy } from '../../../functions/domain/policy.ts';
import { namedUnits, withGoneUnits } from '../../../functions/domain/policy-units.ts';
import { stackIdentity } from '../../../functions/domain/stack-identity.ts';
import { REMEDIATIONS } from '../../../functions/remediations/registry.generated.ts';

const SHOP = { account: '333333333333', ouPath: '/Workloads/Production/Shop' };
const decision = (control: unknown, more: object = {}, gone?: Record<string, string>) =>
  managedDecisionOn(
    withGoneUnits(SuturePolicy.parse({ version: 1, controls: { 'EC2.13': control }, ...more }), gone),
    'EC2.13',
    SHOP,
  );
const all = (action: string) => ({ cloudformation: action, terraform: action, other: action });

describe('policy for resources that code manages', () => {
  it.each<[what: string, control: unknown, more: object, actions: object]>([
    ['notify, if policy says nothing', 'auto', {}, all('notify')],
    ['the rule for all controls', 'auto', { whenManagedBy: 'fix' }, all('fix')],
    ['the rule of the control before that', { whenManagedBy: 'approve' }, { whenManagedBy: 'fix' }, all('approve')],
    [
      'each manager by itself',
      { whenManagedBy: { terraform: 'refuse' } },
      { whenManagedBy: { cloudformation: 'fix' } },
      { cloudformation: 'fix', terraform: 'refuse', other: 'notify' },
    ],
    [
      'the innermost unit before the rule for all accounts',
      {
        whenManagedBy: {
          terraform: 'fix',
          ous: { '/': 'refuse', '/Workloads/Production': 'approve', '/Other': 'fix' },
        },
      },
      {},
      all('approve'),
    ],
    [
      'the account before its units, for the managers that it names',
      { whenManagedBy: { ous: { '/Workloads': 'refuse' }, accounts: { [SHOP.account]: { other: 'fix' } } } },
      {},
      { cloudformation: 'refuse', terraform: 'refuse', other: 'fix' },
    ],
  ])('is %s', (_, control, more, actions) => {
    expect(decision(control, more).actions).toEqual(actions);
  });

  it('is the strictest of the rules if a unit is gone', () => {
    const rule = { whenManagedBy: { terraform: 'fix', ous: { '/Gone': 'approve', '/Here': 'refuse' } } };
    expect(decision(rule, { units: { '/Gone': 'ou-ab12-11111111' } }, { '/Here': 'ou-ab12-22222222' }).actions).toEqual(
      all('refuse'),
    );
  });

  it('names its units, which get ids when it is pushed', () => {
    const controls = { 'EC2.13': { whenManagedBy: { ous: { '/A': 'fix' } } } };
    const policy = SuturePolicy.parse({ version: 1, controls, whenManagedBy: { ous: { '/B': 'fix' } } });
    expect(namedUnits(policy)).toEqual(['/A', '/B']);
  });

  it('follows the tag of the resource, and the strictest of several', () => {
    const rules = { tags: { 'suture=fix': { terraform: 'fix' }, keep: 'refuse' } };
    const decided = decision('auto', { whenManagedBy: rules });
    const terraform = managersByTags({ ManagedBy: 'terraform' });
    const by = (tags: Record<string, string>) => managedAction([decided], terraform, tags);
    expect([by({}), by({ suture: 'fix' }), by({ suture: 'fix', keep: '' })]).toEqual(['notify', 'fix', 'refuse']);
    expect(managedAction([decided], [managedByStack({ name: 'web' })], { suture: 'fix' })).toBe('notify');
  });

  it('is the strictest of triage and now, and of all managers', () => {
    const [fix, approve] = ['fix', 'approve'].map((each) => decision('auto', { whenManagedBy: each }));
    const stack = managedByStack({ name: 'web' });
    expect(managedAction([fix!, approve!], [stack], {})).toBe('approve');
    expect(managedAction([fix!], [stack], {})).toBe('fix');
    expect(managedAction([approve!], [], {})).toBe('fix');
    const mixed = decision('auto', { whenManagedBy: { cloudformation: 'fix', terraform: 'refuse' } });
    expect(managedAction([mixed], [stack, ...managersByTags({ terraform: 'true' })], {})).toBe('refuse');
  });
});

describe('tags', () => {
  it.each<[tags: Record<string, string>, marks: object | undefined, names: string[]]>([
    [{ ManagedBy: 'Terraform' }, undefined, ['Terraform (tag ManagedBy)']],
    [{ tf: 'x' }, undefined, []],
    [{ ManagedBy: 'terraform' }, { terraform: ['tf'] }, []],
    [
      { tf: 'x', pulumi: 'shop' },
      { terraform: ['tf'], other: ['pulumi'] },
      ['Terraform (tag tf)', 'code (tag pulumi)'],
    ],
    [{ by: 'pulumi' }, { other: ['by=crossplane', 'by=pulumi'] }, ['code (tag by=pulumi)']],
    [{ ManagedBy: 'terraform' }, { terraform: [] }, []],
  ])('%j with the marks %j name %j', (tags, marks, names) => {
    expect(managersByTags(tags, marks).map(({ name }) => name)).toEqual(names);
  });

  const id = 'arn:aws:cloudformation:us-east-1:333333333333:stack/web/4b3a1c00-0000-0000-0000-000000000001';
  const tag = (name: string, value: string) => ({ [`aws:cloudformation:${name}`]: value });
  it('claim a stack by its ARN or name, and by no other text', () => {
    expect(stackClaim({ ...tag('stack-id', id), ...tag('logical-id', 'Group') })).toEqual({
      ...{ id, name: 'web', logicalId: 'Group' },
    });
    expect(stackClaim(tag('stack-name', 'web'))).toEqual({ name: 'web' });
    expect(stackClaim({ ...tag('stack-id', `${id} run this`), ...tag('stack-name', 'call 0900') })).toBeUndefined();
    expect(stackClaim({ ...tag('stack-name', 'web'), ...tag('logical-id', 'see http://x') })).toEqual({ name: 'web' });
    expect(stackClaim({})).toBeUndefined();
  });
});

describe('the name of a resource in CloudFormation', () => {
  const PLACE = { partition: 'aws', account: '333333333333', region: 'eu-west-1' };
  const typed = REMEDIATIONS.filter(({ target, id }) => identityOfTarget(target, id).type !== undefined);

  it.each(typed.map((module) => [module.id, module] as const))('is known for the type of %s', (_, module) => {
    const fields = [...identityOfTarget(module.target, module.id).shape.matchAll(/\{(\w+)\}/g)].map(
      ([, name]) => name!,
    );
    const target = Object.fromEntries(fields.map((name) => [name, 'x']));
    expect(stackIdentity(module, PLACE, target)?.types?.[0]).toMatch(/^AWS::\w+::\w+$/);
  });

  it.each<[id: string, type: string | undefined, target: Record<string, string>, ids: readonly string[] | undefined]>([
    ['ec2/close-admin-ports', undefined, { groupId: 'sg-1' }, ['sg-1']],
    ['sns/close-topic-policies', undefined, { topic: 'alarms' }, ['arn:aws:sns:eu-west-1:333333333333:alarms']],
    ['sqs/encrypt-queues', undefined, { queue: 'jobs' }, ['https://sqs.eu-west-1.amazonaws.com/333333333333/jobs']],
    ['iam/disable-unused-credentials', 'AwsIamUser', { user: 'division/team/jo' }, ['jo']],
    ['ec2/encrypt-ebs-by-default', undefined, {}, undefined],
  ])('of %s (%s) is %j', (id, type, target, ids) => {
    const module = REMEDIATIONS.find((each) => each.id === id)!;
    expect(stackIdentity(module, PLACE, target, type)?.ids).toEqual(ids);
  });
});
