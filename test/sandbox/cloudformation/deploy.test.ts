import { describe, expect, it } from 'vitest';
import { type DeployOptions, deployTemplate } from '../../../sandbox/cloudformation/index.ts';
import { CLOUDFORMATION } from '../../../sandbox/cloudformation/stacks.ts';
import { type AwsPlace, defineService } from '../../../sandbox/kernel/kernel.ts';
import { HOME, smallKernel } from '../support/small-kernel.ts';

/** The kernel's service stores the properties of its resources, so that a test sees the resolved values. */
function sandbox() {
  const log: string[] = [];
  const things = defineService<{}, Map<string, unknown>>({
    name: 'things',
    sdk: {},
    client: class {},
    prefix: 'things',
    scope: 'region',
    state: () => new Map(),
    operations: {},
    resources: {
      'Test::Thing': {
        create(properties, at, { logicalId }) {
          log.push(`create ${logicalId}`);
          if (properties.Fails) throw new Error('no more things');
          at.state.set(logicalId, properties);
          return { ref: `ref-${logicalId}`, attributes: { Arn: `arn-${logicalId}`, 'Endpoint.Port': 443 } };
        },
        update(made, properties, at, { logicalId }) {
          log.push(`update ${logicalId}`);
          at.state.set(logicalId, properties);
          return made;
        },
        remove(_made, at, { logicalId }) {
          log.push(`remove ${logicalId}`);
          at.state.delete(logicalId);
        },
      },
      'Test::Rock': { create: () => ({ ref: 'rock' }) },
      'AWS::Lambda::Function': {
        create(properties, at, { logicalId }) {
          at.state.set(logicalId, properties);
          return { ref: 'function' };
        },
      },
    },
  });
  const kernel = smallKernel(things);
  const deploy = (template: object, options?: DeployOptions, stack = 'app', place: AwsPlace = HOME) =>
    deployTemplate(kernel, place, stack, template, options);
  return { kernel, log, deploy, made: (place = HOME) => kernel.state(things, place) };
}

const thing = (properties: object = {}, rest: object = {}) => ({
  Type: 'Test::Thing',
  Properties: properties,
  ...rest,
});

async function resolved(value: unknown, sections: object = {}, options?: DeployOptions) {
  const { deploy, made } = sandbox();
  await deploy({ ...sections, Resources: { Thing: thing({ Value: value }), Other: thing() } }, options);
  return (made().get('Thing') as { Value?: unknown }).Value;
}

const ENVIRONMENT = {
  Parameters: { Stage: { Type: 'String', Default: 'prod' }, Zones: { Type: 'CommaDelimitedList', Default: 'a, b' } },
  Mappings: { Sizes: { prod: { memory: 512 }, test: { memory: 128 } } },
  Conditions: {
    IsProd: { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] },
    IsTest: { 'Fn::Not': [{ Condition: 'IsProd' }] },
    Both: { 'Fn::And': [{ Condition: 'IsProd' }, { Condition: 'IsTest' }] },
    Either: { 'Fn::Or': [{ Condition: 'IsProd' }, { Condition: 'IsTest' }] },
  },
};

describe('a template value', () => {
  it.each<[string, unknown, unknown]>([
    ['Ref to a resource', { Ref: 'Other' }, 'ref-Other'],
    ['Ref to a parameter', { Ref: 'Stage' }, 'prod'],
    ['Ref to a list parameter', { Ref: 'Zones' }, ['a', 'b']],
    ['Ref to AWS::AccountId', { Ref: 'AWS::AccountId' }, '111122223333'],
    ['Ref to AWS::Region', { Ref: 'AWS::Region' }, 'us-east-1'],
    ['Ref to AWS::Partition', { Ref: 'AWS::Partition' }, 'aws'],
    ['Ref to AWS::URLSuffix', { Ref: 'AWS::URLSuffix' }, 'amazonaws.com'],
    ['Ref to AWS::StackName', { Ref: 'AWS::StackName' }, 'app'],
    ['Ref to AWS::NoValue in a list', [1, { Ref: 'AWS::NoValue' }, 2], [1, 2]],
    ['Ref to AWS::NoValue in an object', { a: 1, b: { Ref: 'AWS::NoValue' } }, { a: 1 }],
    ['a property called Ref among others', { Ref: 'x', other: 1 }, { Ref: 'x', other: 1 }],
    ['Fn::GetAtt as a list', { 'Fn::GetAtt': ['Other', 'Arn'] }, 'arn-Other'],
    ['Fn::GetAtt as a string', { 'Fn::GetAtt': 'Other.Arn' }, 'arn-Other'],
    ['Fn::GetAtt of a nested attribute', { 'Fn::GetAtt': 'Other.Endpoint.Port' }, 443],
    [
      'Fn::Join',
      { 'Fn::Join': ['-', ['a', { Ref: 'Stage' }, { 'Fn::GetAtt': ['Other', 'Endpoint.Port'] }]] },
      'a-prod-443',
    ],
    ['Fn::Join of a list parameter', { 'Fn::Join': ['/', { Ref: 'Zones' }] }, 'a/b'],
    ['Fn::Sub', { 'Fn::Sub': '${Stage}:${Other}:${Other.Arn}:${AWS::Region}' }, 'prod:ref-Other:arn-Other:us-east-1'],
    ['Fn::Sub with a literal', { 'Fn::Sub': '${!Stage}' }, '${Stage}'],
    ['Fn::Sub with variables', { 'Fn::Sub': ['${x}-${Stage}', { x: { Ref: 'Other' } }] }, 'ref-Other-prod'],
    ['Fn::Select', { 'Fn::Select': ['1', { Ref: 'Zones' }] }, 'b'],
    ['Fn::Split', { 'Fn::Split': ['-', { Ref: 'Other' }] }, ['ref', 'Other']],
    ['Fn::If, true', { 'Fn::If': ['IsProd', 'yes', { Ref: 'Nowhere' }] }, 'yes'],
    ['Fn::If, false', { 'Fn::If': ['IsTest', { Ref: 'Nowhere' }, 'no'] }, 'no'],
    ['Fn::If on And', { 'Fn::If': ['Both', 1, 2] }, 2],
    ['Fn::If on Or', { 'Fn::If': ['Either', 1, 2] }, 1],
    ['Fn::If to no value', { 'Fn::If': ['IsTest', 1, { Ref: 'AWS::NoValue' }] }, undefined],
    ['Fn::FindInMap', { 'Fn::FindInMap': ['Sizes', { Ref: 'Stage' }, 'memory'] }, 512],
    ['Fn::Base64', { 'Fn::Base64': { 'Fn::Sub': '${Stage}' } }, 'cHJvZA=='],
    ['Fn::GetAZs of this Region', { 'Fn::GetAZs': '' }, ['us-east-1a', 'us-east-1b', 'us-east-1c']],
  ])('%s', async (_name, value, expected) => {
    expect(await resolved(value, ENVIRONMENT)).toEqual(expected);
  });

  it('resolves Fn::ToJsonString and Fn::Length if the language extensions are declared', async () => {
    const transform = { Transform: 'AWS::LanguageExtensions' };
    expect(await resolved({ 'Fn::ToJsonString': { a: { Ref: 'AWS::Region' } } }, transform)).toBe('{"a":"us-east-1"}');
    expect(await resolved({ 'Fn::Length': [1, 2] }, transform)).toBe(2);
    await expect(resolved({ 'Fn::Length': [1, 2] })).rejects.toThrow('Fn::Length needs the transform');
  });

  it("prefers a parameter's value to its default", async () => {
    expect(await resolved({ Ref: 'Stage' }, ENVIRONMENT, { parameters: { Stage: 'test' } })).toBe('test');
  });
});

describe('a wrong template', () => {
  it.each<[string, object, string]>([
    ['unknown section', { Hooks: {} }, 'Hooks'],
    [
      'unknown attribute of a resource',
      { Resources: { A: { Type: 'Test::Thing', CreationPolicy: {} } } },
      'CreationPolicy',
    ],
    [
      'unknown deletion policy',
      { Resources: { A: thing({}, { DeletionPolicy: 'Keep' }) } },
      'Resources.A.DeletionPolicy',
    ],
    [
      'unknown resource type',
      { Resources: { A: { Type: 'AWS::Quantum::Foam' } } },
      'A: resource type AWS::Quantum::Foam is not modelled',
    ],
    ['no resources', { Resources: {} }, 'At least one Resources member must be defined'],
    [
      'unknown intrinsic',
      { Resources: { A: thing({ X: { 'Fn::Cidr': [] } }) } },
      'A.Properties.X.Fn::Cidr: unknown intrinsic function Fn::Cidr',
    ],
    [
      'intrinsic with a second key',
      { Resources: { A: thing({ X: { 'Fn::Join': ['', []], y: 1 } }) } },
      'Fn::Join must be the only key',
    ],
    [
      'dynamic reference to a parameter of Systems Manager',
      { Resources: { A: thing({ X: '{{resolve:ssm:/a}}' }) } },
      'does not model the dynamic reference {{resolve:ssm:/a}}',
    ],
    [
      'dynamic reference in an output',
      { Resources: { A: thing() }, Outputs: { O: { Value: '{{resolve:secretsmanager:a}}' } } },
      "outside of a resource's properties",
    ],
    [
      'dynamic reference with a stage and a version',
      { Resources: { A: thing({ X: '{{resolve:secretsmanager:a:SecretString:k:AWSCURRENT:v}}' }) } },
      'Incorrect format of the dynamic reference',
    ],
    ['Ref to nothing', { Resources: { A: thing({ X: { Ref: 'B' } }) } }, 'at A: Unresolved resource dependencies [B]'],
    [
      'Sub of nothing',
      { Resources: { A: thing({ X: { 'Fn::Sub': '${B.Arn}' } }) } },
      'Unresolved resource dependencies [B]',
    ],
    ['DependsOn nothing', { Resources: { A: thing({}, { DependsOn: 'B' }) } }, 'Unresolved resource dependencies [B]'],
    [
      'Ref to a resource that its condition leaves out',
      {
        Conditions: { No: { 'Fn::Equals': ['a', 'b'] } },
        Resources: { A: thing({ X: { Ref: 'B' } }), B: thing({}, { Condition: 'No' }) },
      },
      'Unresolved resource dependencies [B]',
    ],
    [
      'Output of nothing',
      { Resources: { A: thing() }, Outputs: { O: { Value: { Ref: 'B' } } } },
      'Unresolved resource dependencies [B]',
    ],
    [
      'unknown attribute',
      { Resources: { A: thing({ X: { 'Fn::GetAtt': ['B', 'Size'] } }), B: thing() } },
      'Requested attribute Size does not exist in schema for Test::Thing',
    ],
    [
      'circle',
      {
        Resources: {
          A: thing({ X: { Ref: 'B' } }),
          B: thing({ X: { 'Fn::Sub': '${C}' } }),
          C: thing({}, { DependsOn: ['A'] }),
          D: thing({ X: { Ref: 'A' } }),
        },
      },
      'Circular dependency between resources: [A, B, C]',
    ],
    [
      'unknown condition',
      { Resources: { A: thing({}, { Condition: 'Never' }) } },
      'Unresolved condition dependency Never',
    ],
    [
      'circular conditions',
      { Conditions: { A: { Condition: 'B' }, B: { Condition: 'A' } }, Resources: { A: thing({}, { Condition: 'A' }) } },
      'Conditions.A: Circular dependency',
    ],
    [
      'missing map key',
      { Mappings: { M: { a: { b: 1 } } }, Resources: { A: thing({ X: { 'Fn::FindInMap': ['M', 'a', 'c'] } }) } },
      'Unable to get mapping for M::a::c',
    ],
    [
      'Select beyond the end',
      { Resources: { A: thing({ X: { 'Fn::Select': [2, ['a']] } }) } },
      'nonexistent value at index 2',
    ],
    ['missing export', { Resources: { A: thing({ X: { 'Fn::ImportValue': 'vpc' } }) } }, 'No export named vpc found'],
    [
      'parameter without value',
      { Parameters: { P: { Type: 'String' } }, Resources: { A: thing() } },
      'Parameters: [P] must have values',
    ],
    [
      'parameter of an unknown type',
      { Parameters: { P: { Type: 'AWS::EC2::VPC::Id', Default: 'x' } }, Resources: { A: thing() } },
      'parameter type AWS::EC2::VPC::Id is not modelled',
    ],
    [
      'parameter outside its values',
      { Parameters: { P: { Type: 'String', Default: 'x', AllowedValues: ['y'] } }, Resources: { A: thing() } },
      'must be one of [y]',
    ],
    [
      'broken rule',
      {
        Rules: { R: { Assertions: [{ Assert: { 'Fn::Contains': [['1'], '2'] }, AssertDescription: 'too new' }] } },
        Resources: { A: thing() },
      },
      'Rules.R: too new',
    ],
    [
      '501 resources',
      { Resources: Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`R${i}`, thing()])) },
      'Number of resources, 501, is greater than maximum allowed, 500',
    ],
    [
      'more than 1 MB',
      { Description: 'x', Resources: { A: thing({ X: 'x'.repeat(1_000_000) }) } },
      'may not exceed 1000000 bytes',
    ],
  ])('%s', async (_name, template, message) => {
    await expect(sandbox().deploy(template)).rejects.toThrow(message);
  });

  it('names stack, logical id and type before the message of an error', async () => {
    const failing = sandbox().deploy({ Resources: { A: thing({ Fails: true }) } });
    await expect(failing).rejects.toThrow('Stack app, A (Test::Thing): Error: no more things');
  });
});

describe('a deployment', () => {
  it('creates each resource after its dependencies', async () => {
    const { deploy, log } = sandbox();
    await deploy({ Resources: { A: thing({ X: { Ref: 'B' } }), B: thing({}, { DependsOn: 'C' }), C: thing() } });
    expect(log).toEqual(['create C', 'create B', 'create A']);
  });

  it('omits resources whose condition is false, and dependencies on them', async () => {
    const { deploy, log } = sandbox();
    const conditions = { No: { 'Fn::Equals': ['a', 'b'] } };
    const resources = { A: thing({}, { Condition: 'No' }), B: thing({}, { DependsOn: 'A' }) };
    await deploy({ Conditions: conditions, Resources: resources });
    expect(log).toEqual(['create B']);
  });

  it('returns outputs, and exports them to the stacks of the same account and Region', async () => {
    const { deploy, made } = sandbox();
    const exporting = {
      Resources: { A: thing() },
      Outputs: { Arn: { Value: { 'Fn::GetAtt': 'A.Arn' }, Export: { Name: { 'Fn::Sub': '${AWS::StackName}-arn' } } } },
    };
    const stack = await deploy(exporting, {}, 'first');
    expect(Object.fromEntries(stack.outputs)).toEqual({ Arn: 'arn-A' });
    const importing = { Resources: { B: thing({ X: { 'Fn::ImportValue': 'first-arn' } }) } };
    await deploy(importing, {}, 'second');
    expect(made().get('B')).toEqual({ X: 'arn-A' });
    await expect(deploy(importing, {}, 'third', { ...HOME, region: 'eu-west-1' })).rejects.toThrow(
      'No export named first-arn found',
    );
  });

  it('refuses an export that another stack has', async () => {
    const { deploy } = sandbox();
    const template = { Resources: { A: thing() }, Outputs: { O: { Value: 'x', Export: { Name: 'same' } } } };
    await deploy(template, {}, 'first');
    await expect(deploy(template, {}, 'second')).rejects.toThrow(
      'Export with name same is already exported by stack first.',
    );
  });

  it('gives Lambda functions the directory of their asset', async () => {
    const { deploy, made } = sandbox();
    const template = {
      Resources: {
        F: { Type: 'AWS::Lambda::Function', Properties: { Code: { S3Bucket: 'assets', S3Key: 'abc.zip' } } },
      },
    };
    await deploy(template, { assets: new Map([['abc.zip', '/out/asset.abc']]) });
    expect(made().get('F')).toEqual({ Code: { directory: '/out/asset.abc' } });
    await expect(deploy(template, {}, 'other')).rejects.toThrow('no file asset has the key abc.zip');
  });
});

describe('a stack that is deployed again', () => {
  it('keeps unchanged resources, updates changed ones, creates new ones and removes old ones', async () => {
    const { deploy, log, made } = sandbox();
    await deploy({ Resources: { Same: thing({ X: 1 }), Changed: thing({ X: 1 }), Gone: thing() } });
    log.length = 0;
    await deploy({ Resources: { Same: thing({ X: 1 }), Changed: thing({ X: 2 }), New: thing() } });
    expect(log).toEqual(['update Changed', 'create New', 'remove Gone']);
    expect([...made().keys()].sort()).toEqual(['Changed', 'New', 'Same']);
  });

  it('keeps resources that their deletion policy retains', async () => {
    const { deploy, made } = sandbox();
    await deploy({ Resources: { A: thing(), Kept: thing({}, { DeletionPolicy: 'Retain' }) } });
    await deploy({ Resources: { A: thing() } });
    expect(made().has('Kept')).toBe(true);
  });

  it('names a type that cannot be updated, removed or replaced by another', async () => {
    const { deploy } = sandbox();
    await deploy({ Resources: { A: { Type: 'Test::Rock', Properties: { X: 1 } } } });
    await expect(deploy({ Resources: { A: { Type: 'Test::Rock', Properties: { X: 2 } } } })).rejects.toThrow(
      'A (Test::Rock): an update of its properties is not modelled',
    );
    await expect(deploy({ Resources: { B: thing() } })).rejects.toThrow(
      'A (Test::Rock): its removal from a stack is not modelled',
    );
    await expect(deploy({ Resources: { A: thing() } })).rejects.toThrow('Update of resource type is not permitted');
  });

  it('may export a name again', async () => {
    const { kernel, deploy } = sandbox();
    const template = (value: string) => ({
      Resources: { A: thing() },
      Outputs: { O: { Value: value, Export: { Name: 'same' } } },
    });
    await deploy(template('one'));
    await deploy(template('two'));
    expect(kernel.state(CLOUDFORMATION, HOME).exports.get('same')?.value).toBe('two');
  });
});
