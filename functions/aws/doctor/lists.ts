/** Lists for doctor, page by page: accounts, instances of the StackSet, verdicts on Config. */
import { CloudFormationClient, ListStackInstancesCommand } from '@aws-sdk/client-cloudformation';
import { ListAccountsCommand, type OrganizationsClient } from '@aws-sdk/client-organizations';
import { GetFindingsCommand, type SecurityHubClient } from '@aws-sdk/client-securityhub';
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import type { DoctorAccount, RecorderVerdict, StackInstance } from '../../domain/doctor.ts';

export type Sleep = (ms: number) => Promise<unknown>;
type Page<T> = { readonly items: T[]; readonly next?: string | undefined };

/** A call of the API lists at most this many pages, because API Gateway waits for 29 seconds. */
const PAGES = 25;

async function pages<T>(
  first: string | undefined,
  read: (token: string | undefined) => Promise<Page<T>>,
  pause: () => Promise<unknown>,
): Promise<Page<T>> {
  const items: T[] = [];
  let next = first;
  for (let page = 0; page < PAGES; page++) {
    if (page > 0) await pause();
    const answer = await read(next);
    items.push(...answer.items);
    next = answer.next;
    if (next === undefined) break;
  }
  return { items, next };
}

/** Organizations throttles early. */
const ORGANIZATIONS_PAUSE_MS = 200;

export const listOrganizationAccounts = (
  client: OrganizationsClient,
  sleep: Sleep,
  next?: string,
): Promise<Page<DoctorAccount>> =>
  pages(
    next,
    async (NextToken) => {
      const answer = await client.send(new ListAccountsCommand({ NextToken }));
      const items = (answer.Accounts ?? []).map(({ Id, Name, State, Status }) => ({
        ...{ id: Id!, name: Name, status: (State ?? Status)! },
      }));
      return { items, next: answer.NextToken };
    },
    () => sleep(ORGANIZATIONS_PAUSE_MS),
  );

export type RolloutReader = {
  readonly role: string;
  readonly externalId: string;
  readonly stackSet: string;
  readonly callAs: string;
};

/**
 * Lists them in a session of the rollout's account: AWS answers the management account and StackSets' delegated
 * administrators alone.
 */
export async function listInstances(
  sts: STSClient,
  { role, externalId, stackSet, callAs }: RolloutReader,
  next?: string,
): Promise<Page<StackInstance>> {
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: role,
      RoleSessionName: 'suture-doctor',
      ExternalId: externalId,
      DurationSeconds: 900,
    }),
  );
  const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials!;
  const credentials = { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken! };
  const client = new CloudFormationClient({ credentials });
  return pages(
    next,
    async (NextToken) => {
      const command = new ListStackInstancesCommand({
        StackSetName: stackSet,
        CallAs: callAs as 'SELF' | 'DELEGATED_ADMIN',
        MaxResults: 100,
        NextToken,
      });
      const answer = await client.send(command);
      const items = (answer.Summaries ?? []).map(({ Account, Status, StatusReason }) => ({
        ...{ account: Account!, status: Status!, reason: StatusReason },
      }));
      return { items, next: answer.NextToken };
    },
    async () => {},
  );
}

/** Two a second stay below GetFindings' three: https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub_limits.html */
const FINDINGS_PAUSE_MS = 500;

export const listRecorderVerdicts = (
  client: SecurityHubClient,
  sleep: Sleep,
  next?: string,
): Promise<Page<RecorderVerdict>> =>
  pages(
    next,
    async (NextToken) => {
      const equals = (Value: string) => [{ Value, Comparison: 'EQUALS' as const }];
      const Filters = { ComplianceSecurityControlId: equals('Config.1'), RecordState: equals('ACTIVE') };
      const answer = await client.send(new GetFindingsCommand({ Filters, MaxResults: 100, NextToken }));
      const items = (answer.Findings ?? []).map(({ AwsAccountId, Region, ProductArn, Compliance }) => ({
        account: AwsAccountId!,
        region: Region ?? ProductArn!.split(':')[3]!,
        status: Compliance?.Status ?? 'NOT_AVAILABLE',
      }));
      return { items, next: answer.NextToken };
    },
    () => sleep(FINDINGS_PAUSE_MS),
  );
