/**
 * The events that a trail logs: all management events, unless somebody says otherwise.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html
 */
import { isDeepStrictEqual } from 'node:util';
import type * as sdk from '@aws-sdk/client-cloudtrail';
import { AwsError } from '../../kernel/kernel.ts';
import { onlyMembers } from '../requests.ts';
import { type CloudTrailOperations, changeableTrail, type EventSelectors, existingTrail, trailNeed } from './state.ts';

export const MANAGEMENT_EVENTS: EventSelectors = {
  EventSelectors: [
    { ReadWriteType: 'All', IncludeManagementEvents: true, DataResources: [], ExcludeManagementEventSources: [] },
  ],
};

export const hasCustomSelectors = (selectors: EventSelectors): boolean =>
  !isDeepStrictEqual(selectors, MANAGEMENT_EVENTS);

const MAX_SELECTORS = 5;
const MAX_CONDITIONS = 500;
const READ_WRITE_TYPES = ['All', 'ReadOnly', 'WriteOnly'];
const BASIC_TYPES = ['AWS::S3::Object', 'AWS::Lambda::Function', 'AWS::DynamoDB::Table'];
const CATEGORIES = ['Management', 'Data', 'NetworkActivity'];
const OPERATORS = ['Equals', 'StartsWith', 'EndsWith', 'NotEquals', 'NotStartsWith', 'NotEndsWith'] as const;

export const selectorOperations: CloudTrailOperations = {
  GetEventSelectors: {
    needs: (input, at) => [trailNeed('GetEventSelectors', input.TrailName, at)],
    run: (input, at) => {
      onlyMembers('GetEventSelectors', input, ['TrailName']);
      const { arn, selectors } = existingTrail(input.TrailName, at);
      return { TrailARN: arn, ...selectors };
    },
  },
  PutEventSelectors: {
    needs: (input, at) => [trailNeed('PutEventSelectors', input.TrailName, at)],
    run: (input, at) => {
      onlyMembers('PutEventSelectors', input, ['TrailName', 'EventSelectors', 'AdvancedEventSelectors']);
      const trail = changeableTrail(input.TrailName, at);
      const selectors = checkedSelectors(input);
      at.state.trails.set(trail.arn, { ...trail, selectors });
      return { TrailARN: trail.arn, ...selectors };
    },
  },
};

/** New selectors replace all that a trail has, of both forms. */
function checkedSelectors({ EventSelectors = [], AdvancedEventSelectors = [] }: sdk.PutEventSelectorsRequest) {
  if (EventSelectors.length > 0 === AdvancedEventSelectors.length > 0)
    throw invalid('A trail has either event selectors or advanced event selectors, and at least one.');
  if (AdvancedEventSelectors.length > 0) return { AdvancedEventSelectors: checkedAdvanced(AdvancedEventSelectors) };
  if (EventSelectors.length > MAX_SELECTORS) throw invalid(`A trail has at most ${MAX_SELECTORS} event selectors.`);
  return { EventSelectors: EventSelectors.map(checkedBasic) };
}

function checkedBasic(selector: sdk.EventSelector): sdk.EventSelector {
  const { ReadWriteType = 'All', IncludeManagementEvents = true, DataResources = [] } = selector;
  if (!READ_WRITE_TYPES.includes(ReadWriteType)) throw invalid(`Invalid value for ReadWriteType: ${ReadWriteType}`);
  const unknown = DataResources.find(({ Type }) => !BASIC_TYPES.includes(Type ?? ''));
  if (unknown) throw invalid(`Invalid value for DataResources.Type: ${unknown.Type}`);
  const ExcludeManagementEventSources = selector.ExcludeManagementEventSources ?? [];
  return { ReadWriteType, IncludeManagementEvents, DataResources, ExcludeManagementEventSources };
}

function checkedAdvanced(selectors: readonly sdk.AdvancedEventSelector[]): sdk.AdvancedEventSelector[] {
  const conditions = selectors.flatMap(({ FieldSelectors = [] }) =>
    FieldSelectors.flatMap((field) => OPERATORS.flatMap((operator) => field[operator] ?? [])),
  );
  if (conditions.length > MAX_CONDITIONS)
    throw invalid(`The advanced event selectors of a trail have at most ${MAX_CONDITIONS} conditions.`);
  for (const { FieldSelectors = [] } of selectors) {
    const equal = (name: string) => FieldSelectors.find(({ Field }) => Field === name)?.Equals ?? [];
    const [category = '', ...more] = equal('eventCategory');
    if (more.length > 0 || !CATEGORIES.includes(category))
      throw invalid(`Each advanced event selector needs an eventCategory that equals one of ${CATEGORIES.join(', ')}.`);
    if (category === 'Data' && equal('resources.type').length !== 1)
      throw invalid('An advanced event selector of the category Data needs one resources.type.');
  }
  return [...selectors];
}

const invalid = (message: string) => new AwsError('InvalidEventSelectorsException', message);
