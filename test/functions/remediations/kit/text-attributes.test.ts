import { expect, it } from 'vitest';
import * as z from 'zod';
import { textRecord, textsOfValues, valuesOfTexts } from '../../../../functions/remediations/kit/text-attributes.ts';

const ATTRIBUTES = {
  'deletion_protection.enabled': { type: z.boolean() },
  'idle_timeout.timeout_seconds': { type: z.int() },
  'routing.http.desync_mitigation_mode': { type: z.enum(['monitor', 'defensive', 'strictest']) },
  DisplayName: { type: z.string() },
};
const TEXTS = [
  { Key: 'deletion_protection.enabled', Value: 'false' },
  { Key: 'idle_timeout.timeout_seconds', Value: '60' },
  { Key: 'access_logs.s3.enabled', Value: 'true' },
];

it('texts become values of the attributes’ types, and unknown attributes are left out', () => {
  const values = { 'deletion_protection.enabled': false, 'idle_timeout.timeout_seconds': 60 };
  expect(valuesOfTexts(ATTRIBUTES, TEXTS)).toEqual(values);
  expect(textsOfValues(values)).toEqual(TEXTS.slice(0, 2));
  expect(textRecord({ on: false, key: null })).toEqual({ on: 'false', key: '' });
});

it('a text stays a text if the attribute is text', () => {
  expect(valuesOfTexts(ATTRIBUTES, { DisplayName: '1', 'routing.http.desync_mitigation_mode': 'monitor' })).toEqual({
    DisplayName: '1',
    'routing.http.desync_mitigation_mode': 'monitor',
  });
});

it('a text that is not a value of the type fails', () => {
  expect(() => valuesOfTexts(ATTRIBUTES, { 'idle_timeout.timeout_seconds': 'long' })).toThrow('expected number');
  expect(() => valuesOfTexts(ATTRIBUTES, { 'routing.http.desync_mitigation_mode': 'off' })).toThrow('monitor');
});
