/** No operation ignores a member silently: the source of its service names or refuses each one. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import type { Service } from '../../../sandbox/kernel/kernel.ts';
import { SERVICES } from '../../../sandbox/services/services.generated.ts';
import { sqs } from '../../../sandbox/services/sqs/index.ts';
import { modelOf } from '../../../sandbox/wire/model.ts';
import { administratorClient, sandboxFor } from '../support/sdk-client.ts';

const FOLDER = fileURLToPath(new URL('../../../sandbox/services', import.meta.url));
/** The first one's engine takes whole requests; the second has no client of its own. */
const NOT_COMPARED = ['dynamodb', 'dynamodbstreams'];
/** Secrets that nothing in the sandbox could check. */
const UNCHECKED: Readonly<Record<string, readonly string[]>> = {
  // The sandbox moves all messages at once.
  StartMessageMoveTask: ['MaxNumberOfMessagesPerSecond'],
  EnableMFADevice: ['AuthenticationCode1', 'AuthenticationCode2'],
  UploadServerCertificate: ['PrivateKey'],
};

const sourcesOf = (folder: string): string =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'))
    .join('\n');

/** Such an operation refuses every member that it does not list. */
const listsMembers = (source: string, operation: string): boolean =>
  new RegExp(`(onlyMembers|emptyRead|ec2Read|ec2Change|bucketOperation)(<[^(]*>)?\\(\\s*'${operation}'`).test(source);

function ignoredMembers(service: Service): string[] {
  const { operations } = modelOf(service);
  const source = sourcesOf(join(FOLDER, service.name));
  const words = new Set(source.match(/\w+/g));
  return Object.entries(service.operations)
    .filter(([name, operation]) => !('members' in (operation as object)) && !listsMembers(source, name))
    .flatMap(([name]) => {
      const input = operations.get(name)?.input;
      const members = input?.isStructSchema() ? [...input.structIterator()].map(([member]) => member) : [];
      return members
        .filter((member) => !words.has(member) && !UNCHECKED[name]?.includes(member))
        .map((member) => `${name} ${member}`);
    });
}

const CODE = SERVICES.filter(
  ({ name, operations }) => Object.keys(operations).length > 0 && !NOT_COMPARED.includes(name),
);

it.each(CODE.map((service) => [service.name, service] as const))('%s does not ignore a member', (_, service) => {
  expect(ignoredMembers(service)).toEqual([]);
});

it('a member that would have no effect is refused by name', async () => {
  const sandbox = await sandboxFor(sqs);
  const client = administratorClient(sandbox, SQSClient);
  const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: 'jobs' }));
  await expect(client.send(new ReceiveMessageCommand({ QueueUrl, ReceiveRequestAttemptId: 'a' }))).rejects.toThrow(
    'The sandbox does not model the member ReceiveRequestAttemptId of ReceiveMessage.',
  );
  await sandbox.close();
});
