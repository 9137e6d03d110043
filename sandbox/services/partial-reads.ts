/** Reads that answer for less than AWS has. The page of the sandbox lists them. */
import { MAX_PAST_CALLS } from '../kernel/call-history.ts';

export type PartialRead = {
  readonly service: string;
  readonly operations: readonly string[];
  readonly answers: string;
  readonly lacks: string;
};

export const PARTIAL_READS: readonly PartialRead[] = [
  {
    service: 'logs',
    operations: ['FilterLogEvents'],
    answers:
      'the lines of the functions of the account and of access logs of its APIs, with patterns of words and quoted text',
    lacks: 'streams; the logs of state machines; every other pattern, which it refuses by name',
  },
  {
    service: 'cloudtrail',
    operations: ['LookupEvents'],
    answers:
      "the management events of the account and Region in the last 90 days, five minutes after the call (AWS: within 15); events of global services in their Region, `us-east-1`; the events of AssumeRole, KMS and S3 in the resource's account too",
    lacks: `\`requestParameters\`, \`responseElements\` and \`tlsDetails\` of the records, because each service has a form of its own for them; what AWS does by itself, such as the resources of a stack or a role that a service assumes; Insights. The sandbox keeps the last ${MAX_PAST_CALLS.toLocaleString('en')} calls of all accounts, and refuses by name to look further back`,
  },
  {
    service: 'cloudwatch',
    operations: ['DescribeAlarmHistory'],
    answers: "each change of an alarm's state, and whether its actions were executed, for 30 days",
    lacks:
      'changes of its configuration, which it refuses by name to list alone; the message that an action published. The sandbox does not evaluate metrics: `SetAlarmState` changes states',
  },
  {
    service: 'cloudformation',
    operations: ['ListStackSets'],
    answers: 'the service-managed StackSets of the organization',
    lacks: 'self-managed ones, and drift, which is always `NOT_CHECKED`',
  },
  {
    service: 'iam',
    operations: ['ListPolicies', 'GetPolicy', 'ListPolicyVersions'],
    answers: "all of AWS's managed policies, with the names and paths of 27 September 2026",
    lacks:
      'their ids, dates and versions: these are made up from the name, the same in every answer. `GetPolicyVersion` refuses by name a document that is not modelled, and so does attaching its policy',
  },
  {
    service: 'ec2',
    operations: ['DescribeImages'],
    answers: 'the images of the accounts: own, shared and public ones',
    lacks: "AWS's own images and the marketplace's: their catalogues are empty. `RunInstances` takes any image id",
  },
  {
    service: 'ec2',
    operations: ['DescribeVpcEndpointServices'],
    answers: 'the gateway endpoints of S3 and DynamoDB',
    lacks: 'the interface endpoints, of which every Region has hundreds',
  },
];
