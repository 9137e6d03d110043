/** Generates the page about the sandbox: its services with their operations, and the evidence for its engines. */
import type { Service } from '../../sandbox/kernel/service.ts';
import { isReadOperation } from '../../sandbox/kernel/service-facts.ts';
import type { RecordOperation } from '../../sandbox/records/operation.ts';
import { PARTIAL_READS } from '../../sandbox/services/partial-reads.ts';
import { code, link, markdownTable, NOTICE, page } from './markdown.ts';

const EVIDENCE: readonly (readonly [part: string, judge: string, tests: string])[] = [
  [
    'Wire protocols',
    'the clients of the AWS SDK: random input and output of every operation come back identical',
    'wire/round-trip.test.ts',
  ],
  ['Signatures', "the SDK's own implementation of Signature Version 4", 'wire/signature.test.ts'],
  [
    'IAM',
    "AWS's list of actions, resource types and condition keys; an independent evaluator, whose disagreements are cases",
    'authorization',
  ],
  [
    'Event patterns',
    "AWS's open-source matcher, which agreed on Suture's rules; patterns that EventBridge refuses are cases",
    'event-patterns',
  ],
  ['State machines', 'executions recorded on AWS; each difference that they showed is a case', 'states-language'],
  ['Record services', "IAM's data: each operation's action, resource type and condition keys", 'records/iam.test.ts'],
  [
    'S3 over HTTP',
    'boto3 with a public scanner, and the AWS CLI; what they stumbled over is a case',
    'services/s3-over-http.test.ts',
  ],
  ['CloudFormation', "nobody but the SDK's clients and this repository's templates", 'cloudformation'],
  ['Everything else', "AWS's documentation, as read by the authors", 'services'],
];

/** @param services all services of the sandbox */
export const sandboxPage = (services: readonly Service[]): string =>
  page([
    '# What the sandbox models',
    NOTICE,
    'The sandbox is a model of AWS, not AWS. It refuses by name what it does not model: an operation (`NotModelled`), in the record services every member and value of a request that this page does not list, and a property of a template that it does not know. [What no real account has confirmed yet](../unproven.md) lists the guesses that remain.',
    '## How it is judged',
    markdownTable(
      ['Part', 'Judged by', 'Tests'],
      EVIDENCE.map(([part, judge, tests]) => [part, judge, link(code(tests), `../../test/sandbox/${tests}`)]),
    ),
    '## Services',
    markdownTable(
      ['Service', 'Operations', 'of', 'Resource types of CloudFormation'],
      services.map((service) => [
        link(code(service.name), `#${anchor(service)}`),
        String(Object.keys(service.operations).length),
        String(awsOperationCount(service)),
        Object.keys(service.resources ?? {})
          .toSorted()
          .map(code)
          .join(', '),
      ]),
    ),
    '## Reads that answer for less than AWS has',
    'Where nobody can make a resource in the sandbox, its reads answer with the empty list of an account without one. These answer for a part:',
    markdownTable(
      ['Operation', 'Answers', 'Lacks'],
      PARTIAL_READS.map(({ service, operations, answers, lacks }) => [
        operations.map((operation) => code(`${service} ${operation}`)).join(', '),
        answers,
        lacks,
      ]),
    ),
    ...services.flatMap(detailsOf),
  ]);

const anchor = ({ name }: Service) => name.toLowerCase();

const awsOperationCount = ({ sdk }: Service) =>
  Object.keys(sdk).filter((name) => /^[A-Z]\w*Command$/.test(name)).length;

function detailsOf(service: Service): (string | undefined)[] {
  const operations = Object.entries(service.operations).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const withMembers = operations.filter(([, operation]) => membersOf(operation));
  const others = operations.filter(([, operation]) => !membersOf(operation));
  const reads = others.filter(([name]) => isReadOperation(service, name));
  const writes = others.filter(([name]) => !isReadOperation(service, name));
  return [
    `### ${service.name}`,
    reads.length > 0 ? `Reads: ${names(reads)}.` : undefined,
    writes.length > 0 ? `Writes: ${names(writes)}.` : undefined,
    withMembers.length > 0
      ? markdownTable(
          ['Operation', 'Members'],
          withMembers.map(([name, operation]) => [code(name), membersOf(operation)!.map(code).join(', ')]),
        )
      : undefined,
  ];
}

const names = (operations: readonly (readonly [string, unknown])[]) =>
  operations.map(([name]) => code(name)).join(', ');

/** Returns the members that an operation of a record service takes; undefined for other operations. */
const membersOf = (operation: unknown) => (operation as Partial<RecordOperation<unknown, unknown>>).members;
