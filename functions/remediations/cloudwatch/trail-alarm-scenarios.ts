import type { Remediation } from '../../contract/remediation.ts';
import { defineScenarios, type Scenarios } from '../../contract/scenario.ts';
import { ALARM_FIXTURE_CLIENTS, TOPIC_NAME, trailWith } from './fixtures.ts';
import { filterName, type TrailAlarm } from './trail-alarm.ts';

/** The scenarios of every alarm on the log group of a trail. */
export const trailAlarmScenarios = (
  remediation: Remediation,
  { pattern }: TrailAlarm,
  more: Scenarios['scenarios'] = {},
) =>
  defineScenarios(remediation, {
    clients: ALARM_FIXTURE_CLIENTS,
    faulty: trailWith({}),
    scenarios: {
      'nothing watches for it': { params: { topicName: TOPIC_NAME }, expected: 'FIXED' },
      "the owner's filter and alarm watch for it": {
        arrange: trailWith({ filter: { name: 'own', pattern }, alarmed: true }),
        expected: 'COMPLIANT',
      },
      'policy names no topic': { expected: 'REFUSED' },
      ...more,
    },
  });

/** Scenarios that are the same for every pattern: one remediation has them for all. */
export const trailScenarios = ({ pattern, metric }: TrailAlarm): Scenarios['scenarios'] => ({
  'a metric filter counts it, and nothing alarms': {
    arrange: trailWith({ filter: { name: 'own', pattern } }),
    params: { topicName: TOPIC_NAME },
    expected: 'FIXED',
  },
  'the alarm of a similar pattern does not count': {
    arrange: trailWith({ filter: { name: 'own', pattern: `${pattern} ` }, alarmed: true }),
    params: { topicName: TOPIC_NAME },
    expected: 'FIXED',
  },
  'no trail': {
    arrange: trailWith({ trail: 'none' }),
    params: { topicName: TOPIC_NAME },
    expected: 'REFUSED',
  },
  'the trail is stopped': {
    arrange: trailWith({ trail: 'stopped' }),
    params: { topicName: TOPIC_NAME },
    expected: 'REFUSED',
  },
  'the trail logs one Region': {
    arrange: trailWith({ trail: 'of one Region' }),
    params: { topicName: TOPIC_NAME },
    expected: 'REFUSED',
  },
  'the trail logs write events alone': {
    arrange: trailWith({ trail: 'of write events' }),
    params: { topicName: TOPIC_NAME },
    expected: 'REFUSED',
  },
  'the trail logs data events too': {
    arrange: trailWith({ trail: 'of data events too' }),
    params: { topicName: TOPIC_NAME },
    expected: 'FIXED',
  },
  'the topic does not exist': {
    arrange: trailWith({ topic: 'none' }),
    params: { topicName: TOPIC_NAME },
    expected: 'REFUSED',
  },
  'nobody subscribed to the topic': {
    arrange: trailWith({ topic: 'without a subscriber' }),
    params: { topicName: TOPIC_NAME },
    expected: 'REFUSED',
  },
  "the filter's name is taken": {
    arrange: trailWith({ filter: { name: filterName(metric), pattern: '{ $.eventName = Other }' } }),
    params: { topicName: TOPIC_NAME },
    expected: 'REFUSED',
  },
});
