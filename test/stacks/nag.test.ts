import { App } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { type Allowance, fixedRole } from '../../stacks/constructs/role.ts';
import { InstallationStack } from '../../stacks/names.ts';
import { FULL_CONTEXT, synthesizeTemplates } from './templates.ts';

const violations = (app: App) =>
  new AwsSolutionsChecks(app).validateScope(app).violations.map(({ ruleName }) => ruleName);

function roleThatAllows(allowance: Allowance): App {
  const app = new App();
  fixedRole(new InstallationStack(app, 'Stack', { context: FULL_CONTEXT }), 'Role', {
    name: 'a-role',
    description: 'of a test',
    service: 'lambda.amazonaws.com',
    allows: [allowance],
  });
  return app;
}

describe('cdk-nag', () => {
  it('finds nothing in the stacks, including the optional ones', () => {
    const { app, templates } = synthesizeTemplates(REMEDIATIONS, FULL_CONTEXT);
    const names = ['SutureOrgRollout', 'SutureRoleProtection', 'SutureManagementRole', 'SutureIdentityCenter'];
    expect([...templates.keys()]).toEqual(expect.arrayContaining(names));
    expect(violations(app)).toEqual([]);
  });

  it('finds a wildcard without a reason', () => {
    expect(violations(roleThatAllows({ actions: ['ec2:DescribeVpcs'], on: '*' }))).toEqual([
      'AwsSolutions-IAM5[Resource::*]',
    ]);
    expect(
      violations(roleThatAllows({ actions: ['ec2:DescribeVpcs'], on: '*', because: 'EC2 takes no resource' })),
    ).toEqual([]);
  });
});
