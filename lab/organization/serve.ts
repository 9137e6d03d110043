/** `npm run sandbox`: keeps the organization running on 127.0.0.1, with the stacks deployed, until Ctrl-C. */

import { parseArgs } from 'node:util';
import { AttachRolePolicyCommand, CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { putFindings, SEEDS } from '../story/story.ts';
import { MEMBERS, runOrganization } from './organization.ts';

const HELP = `npm run sandbox [-- --port 4599] [-- --seed]

Keeps an AWS organization with Suture deployed running on 127.0.0.1, for SDK clients and the AWS CLI. Ctrl-C ends it.

  --port N   the port to listen on (default 4599; 0 takes a free one)
  --seed     also makes the faults and findings of npm start
  --help     this text`;

/** Seconds for which the printed credentials work: a working day. */
const VALID_FOR = 12 * 3600;

const { port, seed, help } = options();
if (help) {
  console.log(HELP);
  process.exit(0);
}
const { sandbox, context } = await runOrganization(MEMBERS, { virtual: false, port }, (step) =>
  console.log(`… ${step}`),
).catch((error: NodeJS.ErrnoException) => {
  if (error.code !== 'EADDRINUSE') throw error;
  console.error(`Port ${port} is taken. Give another one: npm run sandbox -- --port 4600`);
  process.exit(1);
});
for (const { id } of MEMBERS) await letOperatorsIn(id);
const credentials = sandbox.kernel.credentials(sandbox.kernel.administrator!(context.securityAccount), VALID_FOR);
const machine = `arn:${context.partition}:states:${context.homeRegion}:${context.securityAccount}:stateMachine:suture-remediate-finding`;

console.log(`
The organization ${context.organizationId} is running. In another terminal:

export AWS_ENDPOINT_URL=${sandbox.endpoint}
export AWS_REGION=${context.homeRegion} AWS_DEFAULT_REGION=${context.homeRegion}
export AWS_ACCESS_KEY_ID=${credentials.accessKeyId}
export AWS_SECRET_ACCESS_KEY=${credentials.secretAccessKey}
export AWS_SESSION_TOKEN=${credentials.sessionToken ?? ''}

You are an operator of the security account ${context.securityAccount}. For example:

aws sts get-caller-identity
aws stepfunctions list-executions --state-machine-arn ${machine}
aws sts assume-role --role-arn arn:${context.partition}:iam::${MEMBERS[0]!.id}:role/SandboxOperator --role-session-name look

Members: ${MEMBERS.map(({ id, name }) => `${id} (${name})`).join(', ')}. Ctrl-C ends it.`);
if (seed) {
  await putFindings(sandbox, context, SEEDS);
  console.log('\nThe faults and findings of npm start are in.');
}

let ending = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, async () => {
    if (ending) process.exit(1);
    ending = true;
    console.log('\nEnding the sandbox.');
    await sandbox.close();
    process.exit(0);
  });

/** A role in a member account that operators of the security account may assume to look around. */
async function letOperatorsIn(account: string): Promise<void> {
  const iam = new IAMClient(sandbox.administrator(account));
  const trust = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: `arn:${context.partition}:iam::${context.securityAccount}:root` },
        Action: 'sts:AssumeRole',
      },
    ],
  };
  const RoleName = 'SandboxOperator';
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) }));
  const PolicyArn = `arn:${context.partition}:iam::aws:policy/AdministratorAccess`;
  await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
}

function options(): { port: number; seed: boolean; help: boolean } {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: 'string', default: '4599' },
        seed: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new Error(`--port takes a number from 0 to 65535, not "${values.port}"`);
    return { port, seed: values.seed, help: values.help };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    process.exit(2);
  }
}
