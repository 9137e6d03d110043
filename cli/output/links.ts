/**
 * Where consoles show more. Step Functions and Security Hub are those of the security account; CloudTrail's event history is
 * the member account's own, and Detective's behaviour graph its administrator's.
 */
import { sessionName } from '../../functions/aws/member-session.ts';
import type { Job } from '../../functions/domain/job.ts';
import { sourceIdentity } from '../../functions/domain/trace.ts';

export type Links = {
  readonly execution: string;
  readonly securityHub: string;
  /** Only of what went into a member account. */
  readonly cloudTrail?: string;
  readonly detective?: string;
  /** A query for CloudTrail Lake, or Athena over an organization's trail. */
  readonly query?: string;
};

const CONSOLES: Readonly<Record<string, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
};
const DAY = 86_400;

/** `home` is the Region in which Suture runs. */
export function linksOf(job: Job, home: string): Links {
  const { execution, finding, work, started } = job;
  const domain = CONSOLES[execution.split(':')[1] ?? 'aws'] ?? CONSOLES.aws;
  const consoleOf = (service: string, region: string) => `https://${region}.${domain}/${service}/home?region=${region}`;
  const region = finding.region ?? home;
  // Detective takes whole hours.
  const begin = Math.floor(Date.parse(started) / 3_600_000) * 3600;
  const links = {
    execution: `${consoleOf('states', home)}#/v2/executions/details/${execution}`,
    securityHub: `${consoleOf('securityhub', home)}#/findings?search=Id%3D%255Coperator%255C%253AEQUALS%255C%253A${encodeURIComponent(encodeURIComponent(finding.id))}`,
  };
  if (!work) return links;
  return {
    ...links,
    // Event history knows the session's name, not its source identity.
    cloudTrail: `${consoleOf('cloudtrailv2', region)}#/events?Username=${encodeURIComponent(sessionName(work.remediation, finding.id))}`,
    // https://docs.aws.amazon.com/detective/latest/userguide/navigate-to-profile.html
    detective: `${consoleOf('detective', region)}#entities/AwsAccount/${finding.account}?scopeStart=${begin}&scopeEnd=${begin + DAY}`,
    query: `SELECT eventTime, eventName, errorCode, requestParameters FROM <event data store> WHERE userIdentity.sessionContext.sourceIdentity = '${sourceIdentity(execution)}' ORDER BY eventTime`,
  };
}
