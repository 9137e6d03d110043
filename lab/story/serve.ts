/** Keeps an organization with Suture deployed running on 127.0.0.1 until Ctrl-C. */

import { Failure } from '../../cli/errors/failure.ts';
import { countText } from '../../cli/output/count-text.ts';
import { paragraphs } from '../../cli/output/paragraphs.ts';
import { incidentText, startWithIncidents } from '../incidents/serve.ts';
import { incidentsNamed } from '../incidents/table.ts';
import { DOCTOR_FAULTS } from '../organization/doctor-faults.ts';
import { LAB_NAMES } from '../organization/lab-names.ts';
import { type RunningOrganization, runOrganization, SAMPLE_MEMBERS } from '../organization/organization.ts';
import { playAws } from '../organization/play-aws.ts';
import { makeReady } from '../organization/ready.ts';
import {
  addAdministratorProfiles,
  administratorCredentials,
  MANAGEMENT_PROFILE,
  SERVICE_PROFILE,
  SOURCE_PROFILE,
} from './administrators.ts';
import { startWidth } from './live-table.ts';
import { createPeople, MFA_CODE, type SandboxPeople, type SessionCredentials } from './people.ts';
import type { ServeOptions } from './serve-options.ts';
import { FIXABLE_FINDINGS, STORY_FINDINGS, sendFindings, storeFindings } from './story.ts';

/** Ends the process for a failure that its message explains. */
function sayFailure(error: unknown): never {
  if (!(error instanceof Failure)) throw error;
  console.error(error.message);
  process.exit(1);
}

/** Joins the lines of each paragraph, and wraps it at the width. Commands stay whole. */
export const servedText = (text: string, width = startWidth()): string =>
  text
    .split('\n\n')
    .flatMap((block) => (COMMANDS.test(block) ? [block] : [paragraphs(block, width)]))
    .join('\n\n');

/** A block whose last line is a command. */
const COMMANDS = /(?:^|\n)(?:export|npm|aws) .*$/;

const print = (text: string): void => console.log(servedText(text));

/** Returns after Ctrl-C. The port must be free. */
export async function serveSandbox(options: Omit<ServeOptions, 'help'>): Promise<void> {
  const progress = (step: string) => console.log(`… ${step}`);
  const incidents = incidentsNamed(options.incidents);
  const { organization, started } =
    incidents.length > 0
      ? await startWithIncidents(incidents, options.port, progress).catch(sayFailure)
      : await startOrganization(options.port, progress);
  const people = await createPeople(organization);
  await addAdministratorProfiles(organization, people, SAMPLE_MEMBERS);
  print(usageText(organization, people));
  if (options.seed || options.faulty) console.log('\nMaking the faulty resources.');
  if (options.seed) {
    await sendFindings(organization.sandbox, organization.context, STORY_FINDINGS);
    print(seedText());
  }
  if (options.faulty) {
    await storeFindings(organization.sandbox, organization.context, FIXABLE_FINDINGS);
    print(`\n${FIXABLE_FINDINGS.length} faulty resources are in. Their findings wait in Security Hub: docs/try.md`);
  }
  if (options.unwell) {
    for (const { plant } of DOCTOR_FAULTS) await plant(organization);
    print(`\n${DOCTOR_FAULTS.length} faults are planted. To find them: npm run -s suture -- --as viewer doctor`);
  }
  if (started) console.log(incidentText(started.incidents));
  const checks = playAwsRepeatedly(organization);
  const stopPolling = started?.endRepeatedly();
  await interrupt();
  clearInterval(checks);
  stopPolling?.();
  console.log('\nEnding the sandbox.');
  await organization.sandbox.close();
  await started?.close();
}

/** Says which changes wait, because here nobody approves what a person approves in `npm start`. */
export function seedText(): string {
  const waiting = STORY_FINDINGS.filter(({ expected }) => expected.route === 'approve');
  const nameOf = (account: string) => SAMPLE_MEMBERS.find(({ id }) => id === account)?.name ?? account;
  const lines = waiting.map(
    ({ control, account, answer }) =>
      `npm run -s suture -- --as approver approve ${control} ${account}    # ${nameOf(account)}${answer ? '; npm start approves it' : ''}`,
  );
  return `
The faulty resources and findings of npm start are in. ${countText(waiting.length, 'change waits', 'changes wait')} for
your approval, as soon as the list has them:

npm run -s suture -- --as approver approvals
${lines.join('\n')}`;
}

async function startOrganization(port: number, progress: (step: string) => void) {
  const organization = await runOrganization(SAMPLE_MEMBERS, { virtual: false, port }, progress);
  await makeReady(organization, SAMPLE_MEMBERS);
  return { organization, started: undefined };
}

const AWS_INTERVAL_MS = 2000;

/** Does AWS's own work until the sandbox ends, because `npm run smoke:aws` waits for it. */
const playAwsRepeatedly = (organization: RunningOrganization) =>
  setInterval(
    () =>
      playAws(
        organization,
        SAMPLE_MEMBERS.map(({ id }) => id),
      ),
    AWS_INTERVAL_MS,
  );

export function usageText({ sandbox, context }: RunningOrganization, given: SandboxPeople): string {
  const { partition, homeRegion, securityAccount } = context;
  const { people, configFile, credentialsFile } = given;
  const credentials = administratorCredentials(sandbox, securityAccount);
  const machine = `arn:${partition}:states:${homeRegion}:${securityAccount}:stateMachine:${LAB_NAMES.stateMachine}`;
  return `
The organization ${context.organizationId} is running. In another terminal:

export AWS_ENDPOINT_URL=${sandbox.endpoint}
export AWS_REGION=${homeRegion} AWS_DEFAULT_REGION=${homeRegion}
export AWS_CONFIG_FILE=${configFile} AWS_SHARED_CREDENTIALS_FILE=${credentialsFile}

The shipped roles of the security account ${securityAccount}, each with a user of its own:

npm run -s suture -- --as viewer status
npm run -s suture -- --as operator triage
npm run -s suture -- --as approver approvals

They demand a code of an MFA device, once an hour, and that the session has the name of the user; the profiles suture-viewer,
suture-operator and suture-approver say both. Here any six digits are a code, such as ${MFA_CODE}. For programs, sessions of an hour:
${people.map(({ person, session }) => `\n# ${person}\n${exportText(session)}`).join('\n')}

An administrator of the security account, for twelve hours, may do everything that no policy of Suture denies:

# administrator
${exportText(credentials)}

aws sts get-caller-identity
aws stepfunctions list-executions --state-machine-arn ${machine}

In each member account, an administrator has a profile with the account's name, which needs none of these lines:

aws kms list-keys --profile ${SAMPLE_MEMBERS[0]!.name}

Administrators of Suture's accounts have the profiles ${SOURCE_PROFILE} (security account) and ${SERVICE_PROFILE}. An
administrator of the management account has the profile ${MANAGEMENT_PROFILE}, for the smoke test of docs/deploy.md.

Members: ${SAMPLE_MEMBERS.map(({ id, name }) => `${id} (${name})`).join(', ')}. Ctrl-C ends the sandbox.`;
}

const exportText = ({ accessKeyId, secretAccessKey, sessionToken }: SessionCredentials): string =>
  `export AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey} AWS_SESSION_TOKEN=${sessionToken}`;

/** Resolves at the first signal. A second one ends the process at once. */
function interrupt(): Promise<void> {
  return new Promise((resolve) => {
    let isEnding = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () => {
        if (isEnding) process.exit(1);
        isEnding = true;
        resolve();
      });
  });
}
