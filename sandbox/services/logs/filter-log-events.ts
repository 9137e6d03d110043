/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html */
import type * as sdk from '@aws-sdk/client-cloudwatch-logs';
import type { Need } from '../../kernel/kernel.ts';
import { functionLogs } from '../../runtime/logs.ts';
import { API_GATEWAY } from '../apigateway/state.ts';
import { notModelled, onlyMembers, pageOf } from '../requests.ts';
import { logsError } from './errors.ts';
import type { LogsAt } from './state.ts';

const PREFIX = '/aws/lambda/';
const PAGE = 10_000;

/** Words or quoted text, all of which a line must have. */
const TERMS = /^\s*(?:(?:"[^"]+"|[\w-]+)\s*)*$/;

export const filterLogEvents = {
  needs: (input: sdk.FilterLogEventsCommandInput, at: LogsAt): Need[] => [
    {
      action: 'logs:FilterLogEvents',
      resource: `arn:${at.partition}:logs:${at.region}:${at.account}:log-group:${groupIn(input)}`,
    },
  ],
  run(input: sdk.FilterLogEventsCommandInput, at: LogsAt) {
    onlyMembers('FilterLogEvents', input, [
      ...['logGroupName', 'logGroupIdentifier', 'startTime', 'endTime', 'filterPattern'],
      ...['interleaved', 'limit', 'nextToken'],
    ] as never);
    const group = groupIn(input);
    if (!at.state.kinds.groups!.has(group))
      throw logsError('ResourceNotFoundException', 'The specified log group does not exist.');
    const { startTime = 0, endTime = Number.POSITIVE_INFINITY } = input;
    const terms = termsOf(input.filterPattern);
    const events = linesOf(group, at)
      .map((line, n) => ({ ...line, n }))
      .filter(
        ({ at: time, line }) => time >= startTime && time < endTime && terms.every((term) => line.includes(term)),
      );
    const { items, nextToken } = pageOf(events, input.nextToken, input.limit ?? PAGE, () =>
      logsError('InvalidParameterException', 'The specified nextToken is invalid.'),
    );
    return {
      events: items.map(({ at: timestamp, line: message, n }) => ({
        ...{ logStreamName: 'sandbox', timestamp, ingestionTime: timestamp, message },
        eventId: String(n).padStart(56, '0'),
      })),
      searchedLogStreams: [],
      nextToken,
    };
  },
};

/** Returns the lines of a function's log, or of the access log of an API, oldest first. */
const linesOf = (group: string, { kernel, partition, account, region }: LogsAt): { at: number; line: string }[] =>
  group.startsWith(PREFIX)
    ? functionLogs(kernel).filter((line) => `${PREFIX}${line.functionName}` === group && line.account === account)
    : [...kernel.state(API_GATEWAY, { partition, account: '', region: '' }).apis.values()]
        .filter(({ place }) => place.account === account && place.region === region)
        .flatMap(({ accessLines }) => accessLines.filter((line) => line.group === group));

const groupIn = ({ logGroupName, logGroupIdentifier = '' }: sdk.FilterLogEventsCommandInput): string =>
  logGroupName ?? logGroupIdentifier.split(':log-group:').at(-1)!.replace(/:\*$/, '');

function termsOf(pattern = ''): string[] {
  if (!TERMS.test(pattern)) throw notModelled(`the filter pattern ${pattern}`);
  return [...pattern.matchAll(/"([^"]+)"|[\w-]+/g)].map(([word, quoted]) => quoted ?? word);
}
