/**
 * LookupEvents by the name of an event that never happened: an empty list. Events that happened are refused, because the
 * sandbox knows who called what, and not what CloudTrail records of the request.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
 */
import type * as sdk from '@aws-sdk/client-cloudtrail';
import { AwsError, type CallRecord } from '../../kernel/kernel.ts';
import { notModelled, onlyMembers } from '../requests.ts';
import type { CloudTrailOperations } from './state.ts';

const MEMBERS = ['LookupAttributes', 'StartTime', 'EndTime', 'MaxResults', 'NextToken'] as const;
const MAX_RESULTS = 50;

export const lookUpOperations: CloudTrailOperations = {
  LookupEvents: {
    run: (input, at) => {
      onlyMembers('LookupEvents', input, MEMBERS);
      const { StartTime, EndTime, MaxResults = MAX_RESULTS, NextToken } = input;
      if (MaxResults < 1 || MaxResults > MAX_RESULTS)
        throw new AwsError('InvalidMaxResultsException', `MaxResults must be between 1 and ${MAX_RESULTS}.`);
      if (StartTime && EndTime && StartTime > EndTime)
        throw new AwsError('InvalidTimeRangeException', 'The start time must be before the end time.');
      if (NextToken !== undefined) throw new AwsError('InvalidNextTokenException', 'The token is not valid.');
      const name = eventName(input.LookupAttributes);
      const happened = at.kernel.calls.some((call) => call.account === at.account && mayBeNamed(call, name));
      if (happened) throw notModelled(`the records of ${name}, which ${at.account} has called: read kernel.calls`);
      return { Events: [] };
    },
  },
};

function eventName(attributes: readonly sdk.LookupAttribute[] = []): string {
  const [attribute, ...more] = attributes;
  if (more.length > 0) throw new AwsError('InvalidLookupAttributesException', 'Specify one lookup attribute.');
  if (attribute?.AttributeKey === 'EventName' && attribute.AttributeValue) return attribute.AttributeValue;
  throw notModelled('LookupEvents by anything but an EventName');
}

/** Services whose events have other names than their operations; Lambda's end with the version of its API. */
const OTHER_NAMES: Readonly<Record<string, RegExp>> = { s3: /Bucket|Object|Upload|Access|Lifecycle|Replication/ };

const mayBeNamed = ({ service, operation }: CallRecord, name: string): boolean =>
  operation === name.replace(/\d{8}(v\d+)?$/, '') || (OTHER_NAMES[service]?.test(name) ?? false);
