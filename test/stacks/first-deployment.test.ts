/** A first deployment that fails at any resource leaves nothing, and the next one succeeds. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type WorldDifference, worldDifferences } from '../../lab/laws/world.ts';
import { OPTIONAL_STACKS, putMessageSecrets } from '../../lab/organization/optional-stacks.ts';
import { organizationOptions } from '../../lab/organization/organization.ts';
import { pauseSchedules } from '../../lab/organization/schedules.ts';
import { deployAssembly } from '../../sandbox/cloudformation/index.ts';
import { createSandbox, type Sandbox } from '../../sandbox/index.ts';
import type { Snapshot } from '../../sandbox/kernel/states.ts';
import { designateAdministrator } from '../../sandbox/services/securityhub/simulation.ts';
import { assembly } from '../../stacks/assembly.ts';
import { readCdkJsonContext } from '../../stacks/context.ts';

const CONTEXT = await readCdkJsonContext();
/** With every stack that one installation can have. */
const { directory } = await assembly({ settings: OPTIONAL_STACKS });
const { artifacts } = JSON.parse(await readFile(join(directory, 'manifest.json'), 'utf8'));
const MEMBER = '333333333333';
/** Outside the rollout's units: the member template is deployed to it by hand. */
const OTHER = '444444444444';
/** SQS refuses the name of a queue that was deleted within this time. */
const QUEUE_NAME_MS = 61_000;

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await createSandbox({
    organization: organizationOptions(CONTEXT, [
      { id: MEMBER, name: 'member' },
      { id: OTHER, name: 'other', withoutRole: true },
    ]),
    homeRegion: CONTEXT.homeRegion,
  });
  await putMessageSecrets(sandbox);
  designateAdministrator(sandbox.kernel, { account: CONTEXT.securityAccount, region: CONTEXT.homeRegion });
});
afterAll(() => sandbox.close());

const deploy = (stack: string, failing?: string) =>
  deployAssembly(sandbox.kernel, directory, {
    memberAccounts: [OTHER],
    homeRegion: CONTEXT.homeRegion,
    only: [stack],
    ...(failing !== undefined && { failing: { stack, logicalId: failing } }),
  });

/** The rest of the world, except for the records that AWS keeps after every deployment. */
function leftSince(before: Snapshot): string[] {
  const differences = worldDifferences(sandbox, before, sandbox.snapshot());
  return differences.filter((each) => !isKeptByAws(each)).map(({ where, path }) => `${where}: ${path.join('.')}`);
}

function isKeptByAws({ where, path: [kind, name = ''], to }: WorldDifference): boolean {
  const made: any = to;
  switch (where.split(' ')[0]) {
    case 'cloudformation':
      // CloudFormation describes deleted stacks for 90 days.
      return kind === 'deleted' || (made?.status === 'ROLLBACK_COMPLETE' && made.resources.size === 0);
    case 'dynamodbstreams':
      // The stream of a deleted table can be read for 24 hours.
      return kind === 'streams';
    case 'sqs':
      return kind === 'deletedAt';
    case 'kms':
      return kind === 'keys' && made?.state === 'PendingDeletion';
    case 'iam':
      return kind === 'roles' && /^(stacksets-exec-|AWSServiceRoleFor|OrganizationAccountAccessRole$)/.test(name);
    default:
      return false;
  }
}

/** Types by logical id. */
async function resourcesOf(stack: string): Promise<Record<string, string>> {
  const template = JSON.parse(await readFile(join(directory, `${stack}.template.json`), 'utf8'));
  return Object.fromEntries(Object.entries<any>(template.Resources).map(([id, { Type }]) => [id, Type]));
}

/** Places of messages repeat each other, so that one resource of each type fails there. */
function failuresToTry(stack: string, resources: Readonly<Record<string, string>>): string[] {
  const ids = Object.keys(resources);
  if (stack !== 'SutureMessages') return ids;
  return [...Map.groupBy(ids, (id) => resources[id]).values()].map(([first]) => first!);
}

/** Stacks in the order in which the CDK deploys them. */
function stacksInOrder(): string[] {
  const ordered: string[] = [];
  const visit = (id: string): void => {
    const { type, dependencies = [] } = artifacts[id];
    if (type !== 'aws:cloudformation:stack' || ordered.includes(id)) return;
    for (const dependency of dependencies) visit(dependency);
    ordered.push(id);
  };
  // The audit chain is last: once it is there, it records what the deployments after it do.
  const ids = Object.keys(artifacts).toSorted((a, b) => Number(a === 'SutureAudit') - Number(b === 'SutureAudit'));
  for (const id of ids) visit(id);
  return ordered;
}

describe('a first deployment that fails', () => {
  it('covers the optional stacks', () => expect(stacksInOrder()).toContain('SutureAudit'));

  it.each(stacksInOrder())('of %s leaves nothing, and the next one succeeds', async (stack) => {
    const before = sandbox.snapshot();
    const resources = await resourcesOf(stack);
    const hasQueues = Object.values(resources).includes('AWS::SQS::Queue');
    for (const failing of failuresToTry(stack, resources)) {
      await expect(deploy(stack, failing), failing).rejects.toMatchObject({ code: 'NotStabilized' });
      expect(leftSince(before), failing).toEqual([]);
      if (hasQueues) await sandbox.kernel.clock.advance(QUEUE_NAME_MS);
    }
    expect(await deploy(stack)).not.toEqual([]);
    // Their functions would change the world of the next comparison.
    await pauseSchedules(sandbox, [CONTEXT.securityAccount, CONTEXT.serviceAccount]);
  });
});
