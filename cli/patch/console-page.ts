/** The page of AWS's console on which a remediation's resources are. Pure. */
import { serviceConsole } from '../clients/console-links.ts';

/** Names of consoles that differ from the service's name. AWS's guide of each service links to its console. */
const CONSOLES: Readonly<Record<string, string>> = {
  accessanalyzer: 'iam',
  account: 'billing',
  documentdb: 'docdb',
  elb: 'ec2',
  logs: 'cloudwatch',
  redshift: 'redshiftv2',
  ssm: 'systems-manager',
};

/** @param remediation such as `ec2/close-admin-ports` */
export function consolePage(remediation: string, partition: string, region: string): string {
  const service = remediation.split('/')[0]!;
  return serviceConsole(partition, CONSOLES[service] ?? service, region);
}
