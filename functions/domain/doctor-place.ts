/** Checks that both of Suture's accounts have in common: alarms, quotas, and their table. */
import type { DoctorCheck, DoctorNote, DoctorProblem } from './doctor.ts';

export type DoctorPlace = {
  readonly account: string;
  readonly region: string;
  readonly topicArn: string;
  readonly table: { readonly name: string; readonly arn: string; readonly stack: string };
};

export type LambdaQuotas = {
  readonly concurrency: number;
  readonly unreserved: number;
  readonly codeBytes: number;
  readonly codeLimit: number;
};

/** Facts that the adapters read. Undefined: the resource does not exist. */
export type PlaceReads = {
  /** Counts the subscriptions that somebody confirmed. */
  subscribers(topicArn: string): Promise<number | undefined>;
  lambda(): Promise<LambdaQuotas>;
  roles(): Promise<{ readonly count: number; readonly quota: number }>;
  /** Whether a stack has termination protection. */
  isProtected(stack: string): Promise<boolean | undefined>;
  hasRecovery(table: string): Promise<boolean | undefined>;
  /** Whether a trail that is logging records reads and writes of the table's items. */
  hasDataEvents(tableArn: string): Promise<boolean>;
};

/**
 * Below it, a burst of findings waits for minutes: each takes four invocations of about a second.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const ENOUGH_CONCURRENCY = 100;
/** For functions without a reservation: https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html */
const LAMBDA_KEEPS = 100;
/** The part of a quota that may be in use, because Suture's next version may need more. */
const ROOM = 0.9;

export function placeChecks(place: DoctorPlace, reads: PlaceReads): DoctorCheck[] {
  const { account, region, topicArn, table } = place;
  const where = `${account} ${region}`;
  const check = (name: string, find: DoctorCheck['find']): DoctorCheck => ({ check: name, where, find });
  return [
    check('alarm-subscribers', async () => subscriberProblem(await reads.subscribers(topicArn), topicArn)),
    check('concurrency', async () => concurrencyProblem(await reads.lambda(), region)),
    check('code-storage', async () => codeProblem(await reads.lambda())),
    check('role-quota', async () => roleProblem(await reads.roles())),
    check('termination-protection', async () => protectionProblem(await reads.isProtected(table.stack), table.stack)),
    check('point-in-time-recovery', async () => recoveryProblem(await reads.hasRecovery(table.name), table.name)),
    check('data-events', async () => ((await reads.hasDataEvents(table.arn)) ? undefined : noDataEvents(table.arn))),
  ];
}

function subscriberProblem(confirmed: number | undefined, topicArn: string): DoctorProblem | undefined {
  if (confirmed === undefined)
    return { problem: `the topic ${topicArn} does not exist`, remedy: 'deploy the stacks: docs/deploy.md' };
  if (confirmed > 0) return undefined;
  return {
    problem: 'nobody gets the alarms: the topic has no confirmed subscription',
    remedy: `aws sns subscribe --topic-arn ${topicArn} --protocol email --notification-endpoint <address>, and confirm it`,
  };
}

function concurrencyProblem({ concurrency, unreserved }: LambdaQuotas, region: string): DoctorProblem | DoctorNote {
  if (unreserved >= ENOUGH_CONCURRENCY)
    return { note: `${unreserved - LAMBDA_KEEPS} of ${concurrency} can be reserved (reservedConcurrency of cdk.json)` };
  return {
    problem: `functions may run ${unreserved} times at once (the account has ${concurrency}): all works, but findings wait for each other, and nothing can be reserved`,
    remedy: `aws service-quotas request-service-quota-increase --region ${region} --service-code lambda --quota-code L-B99A9384 --desired-value 1000`,
  };
}

function codeProblem({ codeBytes, codeLimit }: LambdaQuotas): DoctorProblem | undefined {
  if (codeBytes <= codeLimit * ROOM) return undefined;
  return {
    problem: `the code of all functions takes ${Math.round((100 * codeBytes) / codeLimit)} % of what Lambda stores: the next deployment may fail`,
    remedy:
      'delete versions of functions that nothing uses, or raise the quota "Function and layer storage" in Service Quotas',
  };
}

function roleProblem({ count, quota }: { count: number; quota: number }): DoctorProblem | undefined {
  if (count <= quota * ROOM) return undefined;
  return {
    problem: `the account has ${count} of ${quota} roles: the next deployment may fail`,
    remedy: 'raise the quota "Roles per account" of IAM in Service Quotas',
  };
}

function protectionProblem(isProtected: boolean | undefined, stack: string): DoctorProblem | undefined {
  if (isProtected) return undefined;
  if (isProtected === undefined)
    return { problem: `the stack ${stack} does not exist`, remedy: `npx cdk deploy ${stack}: docs/deploy.md` };
  return {
    problem: `the stack ${stack} can be deleted, and its table with it`,
    remedy: `aws cloudformation update-termination-protection --enable-termination-protection --stack-name ${stack}`,
  };
}

function recoveryProblem(hasRecovery: boolean | undefined, table: string): DoctorProblem | undefined {
  if (hasRecovery) return undefined;
  if (hasRecovery === undefined)
    return { problem: `the table ${table} does not exist`, remedy: 'deploy its stack, or restore it: docs/runbook.md' };
  return {
    problem: `the table ${table} has no point-in-time recovery`,
    remedy: `aws dynamodb update-continuous-backups --table-name ${table} --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true`,
  };
}

const noDataEvents = (tableArn: string): DoctorProblem => ({
  problem: `no trail records who reads and writes the items of ${tableArn}: nobody could say who changed it`,
  remedy: 'add AWS::DynamoDB::Table to the data events of a trail of the organization: docs/deploy.md#data-events',
});
