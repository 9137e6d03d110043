/**
 * Links into AWS's consoles: Step Functions and Security Hub of the security account, CloudTrail's event history of the
 * member account, and Detective of its administrator.
 */
import { sessionName } from '../../functions/aws/member-session.ts';
import type { Job } from '../../functions/domain/job.ts';
import { sourceIdentity } from '../../functions/domain/trace.ts';

export type ConsoleLinks = {
  readonly execution: string;
  readonly securityHub: string;
  /** Absent, like the two below, if the execution did not reach a member account. */
  readonly cloudTrail?: string;
  readonly detective?: string;
  readonly query?: string;
};

const CONSOLE_DOMAINS: Readonly<Record<string, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
};
const HOUR_MS = 3_600_000;
const DAY_SECONDS = 86_400;

/** Returns the first page of a service's console in a Region. */
export function serviceConsole(partition = 'aws', service: string, region: string): string {
  const domain = CONSOLE_DOMAINS[partition] ?? CONSOLE_DOMAINS.aws;
  return `https://${region}.${domain}/${service}/home?region=${region}`;
}

export function consoleLinks(job: Job, homeRegion: string): ConsoleLinks {
  const { execution, finding, work, started } = job;
  const consoleOf = (service: string, region: string) => serviceConsole(execution.split(':')[1], service, region);
  const region = finding.region ?? homeRegion;
  const begin = Math.floor(Date.parse(started) / HOUR_MS) * 3600;
  const links = {
    execution: `${consoleOf('states', homeRegion)}#/v2/executions/details/${execution}`,
    securityHub: `${consoleOf('securityhub', homeRegion)}#/findings?search=Id%3D%255Coperator%255C%253AEQUALS%255C%253A${encodeURIComponent(encodeURIComponent(finding.id))}`,
  };
  if (!work) return links;
  return {
    ...links,
    // Event history has the session name, not the source identity.
    cloudTrail: `${consoleOf('cloudtrailv2', region)}#/events?Username=${encodeURIComponent(sessionName(work.remediation, finding.id))}`,
    // https://docs.aws.amazon.com/detective/latest/userguide/navigate-to-profile.html
    detective: `${consoleOf('detective', region)}#entities/AwsAccount/${finding.account}?scopeStart=${begin}&scopeEnd=${begin + DAY_SECONDS}`,
    query: `SELECT eventTime, eventName, errorCode, requestParameters FROM <event data store> WHERE userIdentity.sessionContext.sourceIdentity = '${sourceIdentity(execution)}' ORDER BY eventTime`,
  };
}
