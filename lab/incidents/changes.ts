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
import { HOUR_MS } from '../../functions/ledger/ledger-items.ts';
import { REMEDIATIONS as MODULES } from '../../functions/remediations/registry.generated.ts';
import { readPolicy } from '../../stacks/policy.ts';
import { deployPolicy, policyResourceIds } from '../organization/deploy-policy.ts';
import type { ControlFinding } from '../organization/finding.ts';
import { deployInOrder, withoutAlias, withoutRemediation } from '../organization/upgrade.ts';
import { noFailures } from './end-conditions.ts';
import { failingFinding } from './failing-finding.ts';
import type { Incident } from './incident.ts';
import { allEnds, endsAfter, type IncidentEnd, MINUTE_MS } from './incident-end.ts';
import { DATA, type IncidentLab, SHOP, TRAINING } from './incident-lab.ts';
import { closeSsh, isSshOpen, lockKey, lockQueue } from './resources.ts';

const CLOSE_PORTS = 'ec2/close-admin-ports';
const ROLLOUT = ['SutureOrgRollout'];
const REMEDIATIONS = ['SutureRemediations-*'];

export const CHANGE_INCIDENTS: readonly Incident[] = [
  {
    name: 'rollback-failed',
    symptom: 'an operator has undone a change, and the resource is in neither state',
    async trigger(lab) {
      const finding = await lab.arrange('KMS.4');
      await lab.process(finding);
      const end = await lockKey(lab, finding, 'kms:DisableKeyRotation');
      await rollbackCommand(finding.Id, { ...lab.operator(), reason: 'the owner asked for it' });
      await lab.settle();
      return allEnds(end, noFailures(lab, 'RollbackFailed'));
    },
  },
  {
    name: 'circuit-opened',
    symptom: 'changes of one remediation fail, and Suture makes no more of them',
    async trigger(lab) {
      await deployPolicyWith(lab, { breaker: { failures: 3, minutes: 15 } });
      const findings = await Promise.all([SHOP, DATA, TRAINING].map((account) => lab.arrange('SQS.3', { account })));
      const ends = await Promise.all(findings.map((finding) => lockQueue(lab, finding)));
      await lab.process(...findings);
      await lab.process(await lab.arrange('SQS.3'));
      return allEnds(...ends, circuitClosed(lab));
    },
  },
  {
    name: 'policy-unavailable',
    symptom: 'every finding fails, and Suture writes nothing',
    alarms: ['policy-unavailable', 'triage-errors', 'executions-failed'],
    hours: 3,
    trigger: (lab) => failingFinding(lab, lab.roleOf('triage'), 'appconfig:*'),
  },
  {
    name: 'policy-validator-errors',
    symptom: 'a policy was refused before its deployment',
    async trigger(lab) {
      await deployPastApi(lab);
      return endsAfter(lab.kernel.clock, HOUR_MS);
    },
  },
  {
    name: 'CapReached',
    symptom: 'changes of one remediation wait, although nothing has failed',
    alarms: [],
    async trigger(lab) {
      await deployPolicyWith(lab, { caps: { perAccountAndHour: 1 } });
      const findings = [await lab.arrange('EC2.13'), await lab.arrange('EC2.13'), await lab.arrange('EC2.13')];
      await lab.processFor(5 * MINUTE_MS, ...findings);
      return portsClosed(lab, findings, () => deployPolicyWith(lab, {}));
    },
  },
  {
    name: 'MemberRoleOutdated',
    symptom: 'changes of one remediation wait in every account',
    alarms: [],
    async trigger(lab) {
      const { directory } = lab.synthesized;
      await deployInOrder(lab, await withoutRemediation(directory, CLOSE_PORTS), ROLLOUT);
      const findings = [await lab.arrange('EC2.13'), await lab.arrange('EC2.13', { account: DATA })];
      await lab.processFor(5 * MINUTE_MS, ...findings);
      return portsClosed(lab, findings, () => deployInOrder(lab, directory, ROLLOUT));
    },
  },
  {
    name: 'StackOutdated',
    symptom: 'changes of one remediation wait, in every account, and its role is new',
    alarms: [],
    async trigger(lab) {
      const { directory } = lab.synthesized;
      await deployInOrder(lab, await withoutAlias(directory, CLOSE_PORTS), REMEDIATIONS);
      const findings = [await lab.arrange('EC2.13'), await lab.arrange('EC2.13', { account: DATA })];
      await lab.processFor(5 * MINUTE_MS, ...findings);
      return portsClosed(lab, findings, () => deployInOrder(lab, directory, REMEDIATIONS));
    },
  },
  {
    name: 'PackedPolicyTooLarge',
    symptom: 'one finding fails, and every replay ends alike',
    alarms: ['executions-failed'],
    async trigger(lab) {
      const finding = await lab.arrange('EC2.13');
      const code = 'PackedPolicyTooLarge';
      const message = 'Packed size of session tags consumes 104% of allotted space.';
      const tag = findingTag(finding.Id);
      lab.kernel.faults.push(({ operation, input }) =>
        operation === 'AssumeRole' && JSON.stringify(input.Tags ?? []).includes(tag)
          ? { kind: 'error', code, status: 400, message }
          : undefined,
      );
      await lab.process(finding);
      return { isOver: async () => !(await isSshOpen(lab, finding)), resolve: () => closeSsh(lab, finding) };
    },
  },
];

/** Deploys the policy of the repository with other members, as a person of the team could. */
async function deployPolicyWith(lab: IncidentLab, members: object): Promise<void> {
  const file = fileURLToPath(new URL('../../policy.yaml', import.meta.url));
  const policy = { ...readPolicy(file, MODULES), ...members };
  await deployPolicy(lab.security(), policy, () => lab.now());
  await lab.kernel.clock.advance(2 * MINUTE_MS);
}

/** Deploys an invalid policy past the API, as a person could in the console. */
async function deployPastApi(lab: IncidentLab): Promise<void> {
  const client = new AppConfigClient(lab.security());
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

const circuitClosed = (lab: IncidentLab): IncidentEnd => ({
  async isOver() {
    const { circuits } = await stopsClient(new DynamoDBClient(lab.security()), () => lab.now()).all();
    return circuits.length === 0;
  },
  async resolve() {
    await lab.kernel.clock.advance(16 * MINUTE_MS);
    for (const error of ['MemberAccessDenied', 'CircuitOpen']) {
      await replayCommand(undefined, { ...lab.operator(), failed: true, error, reason: 'the queues are unlocked' });
      await lab.settle();
    }
  },
});

/** Ends when the findings' ports are closed. Waiting executions go on by themselves after `resolve`. */
const portsClosed = (
  lab: IncidentLab,
  findings: readonly ControlFinding[],
  resolve: () => Promise<void>,
): IncidentEnd => ({
  isOver: async () =>
    (await Promise.all(findings.map((finding) => isSshOpen(lab, finding)))).every((isOpen) => !isOpen),
  async resolve() {
    await resolve();
    await lab.settle();
  },
});
