/**
 * Task tokens in the hands of thieves, with the roles that Suture deploys. Reading a token takes power, and having one
 * gives none.
 */
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { DynamoDBClient, GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import {
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approvalApi } from '../../cli/clients/approvals.ts';
import { approvalsCommand } from '../../cli/commands/approvals.ts';
import { showCommand } from '../../cli/commands/show.ts';
import { hash } from '../../functions/domain/trace.ts';
import type { ClientSettings } from '../../sandbox/index.ts';
import type { FaultRule } from '../../sandbox/kernel/kernel.ts';
import { stateMachineArn } from '../../stacks/names.ts';
import { APPROVAL_MACHINE, LEDGER_TABLE } from '../support/names.ts';
import { testOperator } from '../support/operator.ts';
import { createPerson } from '../support/people.ts';
import { type Pipeline, startPipeline } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

const SSH = 'tcp 22 from 0.0.0.0/0';
const DENIED = /not authorized to perform/;

let suture: Pipeline;
let signIn: Awaited<ReturnType<typeof createPerson>>;

beforeAll(async () => {
  suture = await startPipeline();
  await suture.pauseSchedules();
  signIn = await createPerson(suture, 'mallory');
  const suppressions = [{ ...TEST_POLICY.suppressions[0], criteria: { control: 'EC2.7' } }];
  await suture.setPolicy({ ...TEST_POLICY, controls: { 'EC2.13': 'approve' }, approvals: { hours: 4 }, suppressions });
});
afterAll(() => suture.sandbox.close());

/** A new session each time, because sessions expire after an hour. */
const historyOf = (settings: ClientSettings, executionArn: string) =>
  new SFNClient(settings).send(new GetExecutionHistoryCommand({ executionArn }));
const keyOf = (id: string) => ({ pk: { S: 'approvals' }, sk: { S: id } });

async function tokenIn(executionArn: string): Promise<string> {
  const { events } = await historyOf(suture.securityAdministrator(), executionArn);
  const parameters = events!.flatMap(({ taskScheduledEventDetails: task }) => task?.parameters ?? []).at(-1)!;
  return /"token":(?:\{"S":)?"([^"]+)"/.exec(parameters.replaceAll('\\"', '"'))![1]!;
}

/** The execution of a finding, the nested one that waits for an answer, and its task token. */
async function waitingApproval() {
  const finding = await suture.arrange('EC2.13');
  const [{ execution, outcome }] = await suture.process(finding);
  expect(outcome).toBe('WAITING');
  const approvals = stateMachineArn(suture.context, APPROVAL_MACHINE);
  const running = new ListExecutionsCommand({ stateMachineArn: approvals, statusFilter: 'RUNNING' });
  const { executions } = await new SFNClient(suture.securityAdministrator()).send(running);
  const nested = executions![0]!.executionArn!;
  return { finding, execution: execution!.arn, nested, id: hash(execution!.arn), token: await tokenIn(nested) };
}

/** A finding whose suppression Security Hub does not take, so that its execution waits. */
async function waitingArchive() {
  const refuse: FaultRule = ({ operation }) =>
    operation === 'BatchUpdateFindings' ? { kind: 'error', code: 'InternalException', status: 500 } : undefined;
  const finding = await suture.arrange('EC2.7');
  const [{ execution }] = await suture.withFaults([refuse], () => suture.process(finding));
  expect(suture.execution(execution!.arn)).toMatchObject({ status: 'RUNNING' });
  return { execution: execution!.arn, token: await tokenIn(execution!.arn) };
}

type SendsToken = readonly [name: string, send: (states: SFNClient, taskToken: string) => Promise<unknown>];
const ANSWERS: readonly SendsToken[] = [
  [
    'SendTaskSuccess',
    (states, taskToken) => states.send(new SendTaskSuccessCommand({ taskToken, output: '{"approved":true}' })),
  ],
  [
    'SendTaskFailure',
    (states, taskToken) => states.send(new SendTaskFailureCommand({ taskToken, error: 'States.Timeout' })),
  ],
  ['SendTaskHeartbeat', (states, taskToken) => states.send(new SendTaskHeartbeatCommand({ taskToken }))],
];

describe('the task token of an approval', () => {
  it.each(ANSWERS)("is useless to a thief of the update function's role: %s", async (_, send) => {
    const { finding, execution, nested, id, token } = await waitingApproval();
    await expect(send(new SFNClient(suture.asSecurityFunction('suture-finding-updates')), token)).rejects.toThrow(
      DENIED,
    );
    await suture.sandbox.settled();
    expect([execution, nested].map((arn) => suture.execution(arn).status)).toEqual(['RUNNING', 'RUNNING']);
    expect(await suture.inbound(finding)).toContain(SSH);
    const approver = await approvalApi(new APIGatewayClient(await signIn('approver')));
    await approver.answer(id, { answer: 'approve' });
    await suture.sandbox.settled();
    expect(await suture.inbound(finding)).not.toContain(SSH);
  });

  it('reaches neither history, queue nor events of the workflow, and the update function cannot store one', async () => {
    const inputs: string[] = [];
    const watch: FaultRule = ({ service, operation, input }) => {
      inputs.push(`${service} ${operation} ${JSON.stringify(input)}`);
      return undefined;
    };
    const { execution, nested, id, token } = await suture.withFaults([watch], waitingApproval);
    const told = inputs.filter((text) => text.includes(token)).map((text) => text.split(' ', 2).join(' '));
    expect(told).toEqual(['dynamodb PutItem']);
    expect(inputs.filter((text) => text.includes(id) && text.startsWith('eventbridge PutEvents'))).toHaveLength(1);
    expect(
      JSON.stringify([await historyOf(suture.securityAdministrator(), execution), suture.execution(nested)]),
    ).not.toContain(token);
    const Item = { ...keyOf(id), token: { S: token }, status: { S: 'waiting' } };
    const put = new PutItemCommand({ TableName: LEDGER_TABLE, Item });
    await expect(new DynamoDBClient(suture.asSecurityFunction('suture-finding-updates')).send(put)).rejects.toThrow(
      DENIED,
    );
  });

  it.each(['viewer', 'operator', 'approver'] as const)('is not shown to a person: %s', async (person) => {
    const { finding, execution, nested, id, token } = await waitingApproval();
    const settings = await signIn(person);
    for (const arn of [execution, nested]) await expect(historyOf(settings, arn)).rejects.toThrow(DENIED);
    const ledger = new DynamoDBClient(settings);
    const get = new GetItemCommand({ TableName: LEDGER_TABLE, Key: keyOf(id) });
    await expect(ledger.send(get)).rejects.toThrow(DENIED);
    const query = new QueryCommand({
      TableName: LEDGER_TABLE,
      KeyConditionExpression: 'pk = :approvals',
      ExpressionAttributeValues: { ':approvals': { S: 'approvals' } },
    });
    await expect(ledger.send(query)).rejects.toThrow(DENIED);
    const QueueUrl = `${suture.kernel.endpoint}/${suture.context.securityAccount}/suture-finding-updates`;
    await expect(new SQSClient(settings).send(new ReceiveMessageCommand({ QueueUrl }))).rejects.toThrow(DENIED);
    const api = await approvalApi(new APIGatewayClient(settings));
    const shown = [
      await showCommand(finding.Id, { ...testOperator(suture), aws: settings, json: true }),
      await approvalsCommand({ api, json: true }),
      JSON.stringify(await api.show(id)),
    ];
    for (const text of shown) {
      expect(text).toContain(finding.Resources[0]!.Id);
      expect(text).not.toContain(token);
    }
    for (const [, send] of ANSWERS) await expect(send(new SFNClient(settings), token)).rejects.toThrow(DENIED);
    expect(suture.execution(execution).status).toBe('RUNNING');
  });

  it('is answered only for its execution and plan', async () => {
    const first = await waitingApproval();
    const second = await waitingApproval();
    const ledger = new DynamoDBClient(suture.securityAdministrator());
    const { Item } = await ledger.send(new GetItemCommand({ TableName: LEDGER_TABLE, Key: keyOf(first.id) }));
    const approver = await approvalApi(new APIGatewayClient(await signIn('approver')));
    for (const [name, S] of [
      ['plan', '0'.repeat(64)],
      ['execution', second.execution],
    ] as const) {
      await ledger.send(new PutItemCommand({ TableName: LEDGER_TABLE, Item: { ...Item, [name]: { S } } }));
      await expect(approver.answer(first.id, { answer: 'approve' })).rejects.toThrow('There is no approval');
    }
    expect([first, second].map(({ execution }) => suture.execution(execution).status)).toEqual(['RUNNING', 'RUNNING']);
  });
});

describe('the task token of an archive', () => {
  it("is useless to a thief of the approval function's role, and works for the update function's", async () => {
    const { execution, token } = await waitingArchive();
    for (const [, send] of ANSWERS)
      await expect(send(new SFNClient(suture.asSecurityFunction('suture-approvals')), token)).rejects.toThrow(DENIED);
    await suture.sandbox.settled();
    expect(suture.execution(execution).status).toBe('RUNNING');
    const [, answer] = ANSWERS[0]!;
    await answer(new SFNClient(suture.asSecurityFunction('suture-finding-updates')), token);
    await suture.sandbox.settled();
    expect(suture.execution(execution).status).toBe('SUCCEEDED');
  });

  it.each(['viewer', 'operator', 'approver'] as const)('is not shown to a person: %s', async (person) => {
    const { execution, token } = await waitingArchive();
    const settings = await signIn(person);
    await expect(historyOf(settings, execution)).rejects.toThrow(DENIED);
    for (const [, send] of ANSWERS) await expect(send(new SFNClient(settings), token)).rejects.toThrow(DENIED);
  });
});
