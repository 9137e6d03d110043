/** Incidents of the chapter "Changes", and of the table of messages. */

import { fileURLToPath } from 'node:url';
import {
  AppConfigClient,
  CreateHostedConfigurationVersionCommand,
  StartDeploymentCommand,
} from '@aws-sdk/client-appconfig';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { stopsClient } from '../../cli/clients/stops.ts';
import { replayCommand } from '../../cli/commands/replay.ts';
import { rollbackCommand } from '../../cli/commands/rollback.ts';
import { findingTag } from '../../functions/domain/trace.ts';
import { REMEDIATIONS as MODULES } from '../../functions/remediations/registry.generated.ts';
import { readPolicy } from '../../stacks/policy.ts';
import { deployPolicy, policyResourceIds } from '../organization/deploy-policy.ts';
import type { ControlFinding } from '../organization/finding.ts';
import { deployInOrder, withoutAlias, withoutRemediation } from '../organization/upgrade.ts';
import { noFailures } from './ends.ts';
import { failingFinding } from './failing-finding.ts';
import type { Incident } from './incident.ts';
import { allOver, HOUR, type IncidentEnd, MINUTE, passed } from './incident-end.ts';
import { closeSsh, isSshOpen, lockKey, lockQueue } from './resources.ts';
import { DATA, type Scene, SHOP, TRAINING } from './scene.ts';

const CLOSE_PORTS = 'ec2/close-admin-ports';
const ROLLOUT = ['SutureOrgRollout'];
const REMEDIATIONS = ['SutureRemediations-*'];

export const CHANGE_INCIDENTS: readonly Incident[] = [
  {
    name: 'rollback-failed',
    shows: 'an operator has undone a change, and the resource is in neither state',
    async bringAbout(scene) {
      const finding = await scene.arrange('KMS.4');
      await scene.process(finding);
      const end = await lockKey(scene, finding, 'kms:DisableKeyRotation');
      await rollbackCommand(finding.Id, { ...scene.operator(), reason: 'the owner asked for it' });
      await scene.sandbox.settled();
      return allOver(end, noFailures(scene, 'RollbackFailed'));
    },
  },
  {
    name: 'circuit-opened',
    shows: 'changes of one remediation fail, and Suture makes no more of them',
    async bringAbout(scene) {
      await deployPolicyWith(scene, { breaker: { failures: 3, minutes: 15 } });
      const findings = await Promise.all([SHOP, DATA, TRAINING].map((account) => scene.arrange('SQS.3', { account })));
      const ends = await Promise.all(findings.map((finding) => lockQueue(scene, finding)));
      await scene.process(...findings);
      await scene.process(await scene.arrange('SQS.3'));
      return allOver(...ends, circuitClosed(scene));
    },
  },
  {
    name: 'policy-unavailable',
    shows: 'every finding fails, and Suture writes nothing',
    alarms: ['policy-unavailable', 'triage-errors', 'executions-failed'],
    hours: 3,
    bringAbout: (scene) => failingFinding(scene, scene.roleOf('triage'), 'appconfig:*'),
  },
  {
    name: 'policy-validator-errors',
    shows: 'a policy was refused before its deployment',
    async bringAbout(scene) {
      await deployPastApi(scene);
      return passed(scene.kernel.clock, HOUR);
    },
  },
  {
    name: 'CapReached',
    shows: 'changes of one remediation wait, although nothing has failed',
    alarms: [],
    async bringAbout(scene) {
      await deployPolicyWith(scene, { caps: { perAccountAndHour: 1 } });
      const findings = [await scene.arrange('EC2.13'), await scene.arrange('EC2.13'), await scene.arrange('EC2.13')];
      await scene.processFor(5 * MINUTE, ...findings);
      return stillOpen(scene, findings, () => deployPolicyWith(scene, {}));
    },
  },
  {
    name: 'MemberRoleOutdated',
    shows: 'changes of one remediation wait in every account',
    alarms: [],
    async bringAbout(scene) {
      const { directory } = scene.synthesized;
      await deployInOrder(scene, await withoutRemediation(directory, CLOSE_PORTS), ROLLOUT);
      const findings = [await scene.arrange('EC2.13'), await scene.arrange('EC2.13', { account: DATA })];
      await scene.processFor(5 * MINUTE, ...findings);
      return stillOpen(scene, findings, () => deployInOrder(scene, directory, ROLLOUT));
    },
  },
  {
    name: 'StackOutdated',
    shows: 'changes of one remediation wait, in every account, and its role is new',
    alarms: [],
    async bringAbout(scene) {
      const { directory } = scene.synthesized;
      await deployInOrder(scene, await withoutAlias(directory, CLOSE_PORTS), REMEDIATIONS);
      const findings = [await scene.arrange('EC2.13'), await scene.arrange('EC2.13', { account: DATA })];
      await scene.processFor(5 * MINUTE, ...findings);
      return stillOpen(scene, findings, () => deployInOrder(scene, directory, REMEDIATIONS));
    },
  },
  {
    name: 'PackedPolicyTooLarge',
    shows: 'one finding fails, and every replay ends alike',
    alarms: ['executions-failed'],
    async bringAbout(scene) {
      const finding = await scene.arrange('EC2.13');
      const code = 'PackedPolicyTooLarge';
      const message = 'Packed size of session tags consumes 104% of allotted space.';
      const tag = findingTag(finding.Id);
      scene.kernel.faults.push(({ operation, input }) =>
        operation === 'AssumeRole' && JSON.stringify(input.Tags ?? []).includes(tag)
          ? { kind: 'error', code, status: 400, message }
          : undefined,
      );
      await scene.process(finding);
      return { isOver: async () => !(await isSshOpen(scene, finding)), mend: () => closeSsh(scene, finding) };
    },
  },
];

/** Deploys the policy of the repository with other members, as a person of the team could. */
async function deployPolicyWith(scene: Scene, members: object): Promise<void> {
  const file = fileURLToPath(new URL('../../policy.yaml', import.meta.url));
  const policy = { ...readPolicy(file, MODULES), ...members };
  await deployPolicy(scene.security(), policy, () => scene.now());
  await scene.kernel.clock.advance(2 * MINUTE);
}

/** Somebody deploys a policy in the console, past the API. */
async function deployPastApi(scene: Scene): Promise<void> {
  const client = new AppConfigClient(scene.security());
  const ids = await policyResourceIds(client);
  const { ApplicationId, ConfigurationProfileId } = ids;
  const Content = new TextEncoder().encode(
    JSON.stringify({ version: 1, controls: { 'EC2.13': 'auto', 'EC2.99': 'auto' } }),
  );
  const added = await client.send(
    new CreateHostedConfigurationVersionCommand({
      ...{ ApplicationId, ConfigurationProfileId, Content, ContentType: 'application/json' },
    }),
  );
  const deployment = { ...ids, ConfigurationVersion: `${added.VersionNumber}` };
  const { name } = await client.send(new StartDeploymentCommand(deployment)).then(
    () => ({ name: 'none' }),
    (error: Error) => error,
  );
  if (name !== 'BadRequestException') throw new Error(`AppConfig did not refuse the policy: ${name}`);
}

const circuitClosed = (scene: Scene): IncidentEnd => ({
  async isOver() {
    const { circuits } = await stopsClient(new DynamoDBClient(scene.security()), () => scene.now()).all();
    return circuits.length === 0;
  },
  async mend() {
    await scene.kernel.clock.advance(16 * MINUTE);
    for (const error of ['MemberAccessDenied', 'CircuitOpen']) {
      await replayCommand(undefined, { ...scene.operator(), failed: true, error, reason: 'the queues are unlocked' });
      await scene.sandbox.settled();
    }
  },
});

/** What waits goes on by itself after `mend`. */
const stillOpen = (scene: Scene, findings: readonly ControlFinding[], mend: () => Promise<void>): IncidentEnd => ({
  isOver: async () => (await Promise.all(findings.map((finding) => isSshOpen(scene, finding)))).every((open) => !open),
  async mend() {
    await mend();
    await scene.sandbox.settled();
  },
});
