import { describe, expect, it } from 'vitest';
import { checkAge, parseDocument } from '../../ip-ranges/function/parse-document.ts';
import { formatCidr } from '../../ip-ranges/planning/cidr.ts';
import { wantedRanges } from '../../ip-ranges/planning/document.ts';
import { documentOf, publishedDocument, rangesTarget } from './support.ts';

const ranges = (document: Parameters<typeof wantedRanges>[0], options: object = {}) =>
  wantedRanges(document, rangesTarget(options)).ranges.map(formatCidr);

describe('the document', () => {
  it.each<[what: string, text: string, says: RegExp]>([
    ['HTML', '<html><body>Service Unavailable</body></html>', /it is not JSON: \d+ characters that begin with "<html>/],
    ['truncated JSON', '{"syncToken": "1", "prefixes": [', /it is not JSON.*or were cut off/],
    ['nothing', '', /it is not JSON: 0 characters/],
    ['other JSON', '{"message": "Forbidden"}', /not in the published format: syncToken/],
    ['no rows', '{"syncToken":"1","createDate":"","prefixes":[],"ipv6_prefixes":[]}', /prefixes/],
    ['a token that is no number', '{"syncToken":"1e9","createDate":"","prefixes":[],"ipv6_prefixes":[]}', /syncToken/],
  ])('that is %s is refused with what it contains', (_, text, says) => {
    expect(() => parseDocument(text)).toThrow(says);
  });
  it('in another format is refused in at most 250 characters', () => {
    const problems = '{"prefixes":[{},{},{},{},{}]}';
    const few = [`<html>${'x'.repeat(5000)}`, problems];
    for (const text of few) expect(() => parseDocument(text)).toThrow(/^.{30,250}$/);
  });
  it.each([24, 0])('that is %i hours ahead of the clock is accepted, and a day further ahead refused', (hours) => {
    const syncToken = String(1_761_589_700 + hours * 3600);
    expect(() => checkAge({ syncToken }, 1_761_589_700_000)).not.toThrow();
    expect(() => checkAge({ syncToken: `${Number(syncToken) + 86_401}` }, 1_761_589_700_000)).toThrow(/hours ahead/);
  });
});

describe('wanted ranges', () => {
  it.each([
    ['CLOUDFRONT', 211 + 32, 180 + 31],
    ['CLOUDFRONT_ORIGIN_FACING', 46 + 3, 45 + 3],
  ])('of %s are %i rows, and %i ranges that say the same', (service, rows, cover) => {
    const document = publishedDocument('latest');
    expect(ranges(document, { services: [service], cover: 'raw' })).toHaveLength(rows);
    expect(ranges(document, { services: [service], cover: 'minimal' })).toHaveLength(cover);
  });
  it('of several services are one set', () => {
    const of = (...services: string[]) => ranges(publishedDocument('latest'), { services, cover: 'minimal' });
    expect(of('CLOUDFRONT', 'CLOUDFRONT_ORIGIN_FACING')).toEqual(of('CLOUDFRONT'));
  });
  it('drop duplicate rows, also of other spelling', () => {
    const document = documentOf(['192.0.2.0/24', '192.0.2.0/24', '2001:db8::/32', '2001:0db8:0::/32']);
    expect(ranges(document, { cover: 'raw' })).toEqual(['192.0.2.0/24', '2001:db8::/32']);
  });
  it('are of the Regions and families asked for', () => {
    const document = documentOf(['192.0.2.0/24', '2001:db8::/32'], { region: 'eu-west-1' });
    expect(ranges(document, { regions: ['eu-west-1'], families: ['IPv6'] })).toEqual(['2001:db8::/32']);
    expect(ranges(document, { regions: ['GLOBAL'] })).toEqual([]);
  });
  it.each<[row: string, says: RegExp]>([
    ['10.0.0.0/7', /"10.0.0.0\/7" is wider than \/8/],
    ['0.0.0.0/0', /"0.0.0.0\/0" is every address/],
    ['0.0.0.0/1', /"0.0.0.0\/1" is wider than \/8/],
    ['192.0.2.1/24', /has host bits/],
    ['::/0', /"::\/0" is every address/],
    ['2001:db8::1/32', /has host bits/],
    ['rubbish', /"rubbish" is not an IPv4 range/],
  ])('are refused as a whole with the row %s', (row, says) => {
    expect(() => ranges(documentOf(['192.0.2.0/24', row]))).toThrow(says);
  });
  it('may be as wide as a /8 and a /16', () => {
    expect(ranges(documentOf(['10.0.0.0/8', '2001::/16']))).toEqual(['10.0.0.0/8', '2001::/16']);
  });
  it('ignore an invalid row of another service', () => {
    const document = documentOf(['192.0.2.0/24']);
    document.prefixes.push({ ip_prefix: '0.0.0.0/0', region: 'GLOBAL', service: 'OTHER' });
    expect(ranges(document)).toEqual(['192.0.2.0/24']);
  });
  it.each<[options: object, says: string]>([
    [{ services: ['CLOUDFRONT_ORIGIN_FACNG'] }, 'CLOUDFRONT_ORIGIN_FACNG; did you mean CLOUDFRONT_ORIGIN_FACING?'],
    [{ regions: ['GLOBL'] }, 'CLOUDFRONT_ORIGIN_FACING in GLOBL; did you mean GLOBAL?'],
    [{ families: ['IPv6'] }, 'CLOUDFRONT_ORIGIN_FACING of IPv6'],
  ])('for %j are empty, and name the service without ranges', (options, says) => {
    expect(wantedRanges(documentOf(['192.0.2.0/24']), rangesTarget(options)).empty).toEqual([says]);
  });
});
