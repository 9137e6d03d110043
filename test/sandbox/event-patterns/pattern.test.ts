import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../../sandbox/event-patterns/pattern.ts';

/** The sample event of Event Ruler's README, with arrays and more types of values. */
const EVENT = {
  version: '0',
  'detail-type': 'EC2 Instance State-change Notification',
  source: 'aws.ec2',
  account: '012345679012',
  time: '2017-10-02T16:24:49Z',
  resources: ['arn:aws:ec2:us-east-1:123456789012:instance/i-1', 'arn:aws:ec2:us-east-1:123456789012:instance/i-2'],
  detail: {
    'c-count': 5,
    'x-limit': 301.8,
    'source-ip': '10.0.0.33',
    'source-ip6': '2001:db8::ff00:42:8329',
    state: 'running',
    path: 'a*b\\c/file.PNG',
    done: true,
    nothing: null,
    empty: [],
    text: '5',
    big: 6e9,
    numbers: [1, 2, 3],
    employees: [
      {
        firstName: 'John',
        lastName: 'Doe',
        tags: [
          { k: 'team', v: 'red' },
          { k: 'site', v: 'blue' },
        ],
      },
      { firstName: 'Anna', lastName: 'Smith', nickname: 'Ann' },
    ],
    crew: [[{ firstName: 'Peter', lastName: 'Jones' }], [{ firstName: 'Mary', lastName: 'Hill' }]],
  },
};

const inDetail = (field: string, ...values: unknown[]) => ({ detail: { [field]: values } });

describe('an event matches', () => {
  const cases: [name: string, pattern: object][] = [
    ['exact string', { source: ['aws.ec2'] }],
    ['any value of the list', inDetail('state', 'initializing', 'running')],
    ['every field of the pattern', { source: ['aws.ec2'], ...inDetail('state', 'running') }],
    ['a value inside an array of the event', { resources: ['arn:aws:ec2:us-east-1:123456789012:instance/i-2'] }],
    ['exact number', inDetail('c-count', 5)],
    ['exact number in another notation', inDetail('x-limit', 3.018e2)],
    ['exact boolean', inDetail('done', true)],
    ['null', inDetail('nothing', null)],
    ['a dotted field name as the nested one', { 'detail.state': ['running'] }],
    ['prefix', { time: [{ prefix: '2017-10-02' }] }],
    ['empty prefix on any string', inDetail('state', { prefix: '' })],
    ['prefix, ignoring case', inDetail('state', { prefix: { 'equals-ignore-case': 'RUN' } })],
    ['suffix', { source: [{ suffix: 'ec2' }] }],
    ['suffix, ignoring case', inDetail('path', { suffix: { 'equals-ignore-case': '.png' } })],
    ['equals-ignore-case', inDetail('state', { 'equals-ignore-case': 'RUNNING' })],
    ['wildcard in the middle', { source: [{ wildcard: 'a*2' }] }],
    ['wildcard over nothing', { source: [{ wildcard: 'aws*.ec2' }] }],
    ['several wildcards', { resources: [{ wildcard: 'arn:*:instance/*-2' }] }],
    ['escaped asterisk and backslash', inDetail('path', { wildcard: 'a\\*b\\\\c/*' })],
    ['anything-but string', inDetail('state', { 'anything-but': 'initializing' })],
    ['anything-but number', inDetail('c-count', { 'anything-but': 123 })],
    ['anything-but list of strings', inDetail('state', { 'anything-but': ['stopped', 'overloaded'] })],
    ['anything-but list of numbers', inDetail('x-limit', { 'anything-but': [100, 200, 300] })],
    ['anything-but string on a number', inDetail('c-count', { 'anything-but': '5' })],
    ['anything-but on null', inDetail('nothing', { 'anything-but': 'x' })],
    ['anything-but on an array with another element', inDetail('numbers', { 'anything-but': [1, 2] })],
    ['anything-but prefix', inDetail('state', { 'anything-but': { prefix: 'init' } })],
    ['anything-but list of prefixes', inDetail('state', { 'anything-but': { prefix: ['init', 'stop'] } })],
    ['anything-but suffix', inDetail('state', { 'anything-but': { suffix: 'ed' } })],
    ['anything-but equals-ignore-case', inDetail('state', { 'anything-but': { 'equals-ignore-case': ['STOPPED'] } })],
    ['anything-but wildcard', inDetail('path', { 'anything-but': { wildcard: '*/lib/*' } })],
    ['numeric equal', inDetail('x-limit', { numeric: ['=', 301.8] })],
    ['numeric less', inDetail('c-count', { numeric: ['<', 10] })],
    ['numeric at most, at its bound', inDetail('c-count', { numeric: ['<=', 5] })],
    ['numeric at least, at its bound', inDetail('c-count', { numeric: ['>=', 5] })],
    ['numeric range', inDetail('c-count', { numeric: ['>', 0, '<=', 5] })],
    ['cidr', inDetail('source-ip', { cidr: '10.0.0.0/24' })],
    ['cidr of everything', inDetail('source-ip', { cidr: '0.0.0.0/0' })],
    ['IPv6 cidr', inDetail('source-ip6', { cidr: '2001:db8::/32' })],
    ['exists', inDetail('state', { exists: true })],
    ['exists on null', inDetail('nothing', { exists: true })],
    ['absent field', inDetail('other', { exists: false })],
    ['absence of an empty array', inDetail('empty', { exists: false })],
    ['absence of an object, which is not a leaf', { detail: [{ exists: false }] }],
    ['absence or a value: the value', inDetail('state', { exists: false }, 'running')],
    ['absence or a value: the absence', inDetail('other', { exists: false }, 'running')],
    ['$or: one side', { $or: [{ source: ['aws.s3'] }, inDetail('state', 'running')] }],
    ['$or beside a field', { source: ['aws.ec2'], $or: [{ account: ['1'] }, { version: ['0'] }] }],
    [
      '$or inside $or',
      { $or: [{ source: ['x'] }, { version: ['0'], $or: [{ account: ['1'] }, { source: ['aws.ec2'] }] }] },
    ],
    [
      'two parallel $ors',
      { $or: [{ version: ['0'] }, { version: ['1'] }], detail: { $or: [{ state: ['x'] }, { done: [true] }] } },
    ],
    ['a field of an object in an array', { detail: { employees: { firstName: ['Anna'] } } }],
    ['two fields of one object in an array', { detail: { employees: { firstName: ['Anna'], lastName: ['Smith'] } } }],
    ['two fields of one object in nested arrays', { detail: { crew: { firstName: ['Mary'], lastName: ['Hill'] } } }],
    [
      'fields of one element and of an inner one',
      { detail: { employees: { firstName: ['John'], tags: { k: ['site'], v: ['blue'] } } } },
    ],
    [
      'fields of two different arrays',
      { detail: { employees: { firstName: ['Anna'] }, crew: { firstName: ['Peter'] } } },
    ],
    [
      'absence within the matched element',
      { detail: { employees: { firstName: ['John'], nickname: [{ exists: false }] } } },
    ],
  ];
  it.each(cases)('%s', (_, pattern) => expect(compilePattern(pattern)(EVENT)).toBe(true));
});

describe('an event does not match', () => {
  const cases: [name: string, pattern: object][] = [
    ['another string', { source: ['aws.s3'] }],
    ['a string in other case', { source: ['AWS.ec2'] }],
    ['one field right, one wrong', { source: ['aws.ec2'], ...inDetail('state', 'stopped') }],
    ['a number for a string of its digits', inDetail('text', 5)],
    ['a string for the number', inDetail('c-count', '5')],
    ['null for an absent field', inDetail('other', null)],
    ['prefix of something else', { source: [{ prefix: 'ec2' }] }],
    ['prefix on a number', inDetail('c-count', { prefix: '5' })],
    ['suffix in other case', inDetail('path', { suffix: '.png' })],
    ['equals-ignore-case of a part', inDetail('state', { 'equals-ignore-case': 'RUN' })],
    ['wildcard that does not match the end', { source: [{ wildcard: 'aws*ec' }] }],
    ['escaped asterisk for another character', { source: [{ wildcard: 'aws\\*ec2' }] }],
    ['anything-but of the value', inDetail('state', { 'anything-but': 'running' })],
    ['anything-but list with the value', inDetail('c-count', { 'anything-but': [4, 5] })],
    ['anything-but with every element', inDetail('numbers', { 'anything-but': [1, 2, 3] })],
    ['anything-but on an absent field', inDetail('other', { 'anything-but': 'x' })],
    ['anything-but its prefix', inDetail('state', { 'anything-but': { prefix: 'run' } })],
    ['anything-but its suffix', inDetail('state', { 'anything-but': { suffix: 'ing' } })],
    ['anything-but it in other case', inDetail('state', { 'anything-but': { 'equals-ignore-case': 'RUNNING' } })],
    ['anything-but its wildcard', inDetail('state', { 'anything-but': { wildcard: 'r*g' } })],
    ['numeric range open at its bound', inDetail('c-count', { numeric: ['>', 5, '<', 9] })],
    ['numeric on a string of digits', inDetail('text', { numeric: ['=', 5] })],
    ['numeric beyond its limit', inDetail('big', { numeric: ['>', 0] })],
    ['cidr of another network', inDetail('source-ip', { cidr: '10.0.1.0/24' })],
    ['cidr of the other family', inDetail('source-ip', { cidr: '::/0' })],
    ['cidr on text that is not an address', inDetail('state', { cidr: '0.0.0.0/0' })],
    ['exists on an absent field', inDetail('other', { exists: true })],
    ['exists on an object, which is not a leaf', { detail: [{ exists: true }] }],
    ['exists on an empty array', inDetail('empty', { exists: true })],
    ['absence of a present field', inDetail('state', { exists: false })],
    ['$or: neither side', { $or: [{ source: ['aws.s3'] }, inDetail('state', 'stopped')] }],
    ['$or right, field beside it wrong', { source: ['aws.s3'], $or: [{ version: ['0'] }, { version: ['1'] }] }],
    ['fields of two elements of an array', { detail: { employees: { firstName: ['Anna'], lastName: ['Doe'] } } }],
    ['fields of two elements of nested arrays', { detail: { crew: { firstName: ['Mary'], lastName: ['Jones'] } } }],
    ['fields of two elements of an inner array', { detail: { employees: { tags: { k: ['team'], v: ['blue'] } } } }],
    [
      "an element and another one's inner array",
      { detail: { employees: { firstName: ['Anna'], tags: { k: ['team'] } } } },
    ],
    [
      'absence in an element that has it',
      { detail: { employees: { firstName: ['Anna'], nickname: [{ exists: false }] } } },
    ],
  ];
  it.each(cases)('%s', (_, pattern) => expect(compilePattern(pattern)(EVENT)).toBe(false));
});

describe('a pattern is refused', () => {
  const cases: [name: string, pattern: object | string, reason: string][] = [
    ['no JSON', '{', 'Not JSON'],
    ['no object', '[]', 'Filter is not an object'],
    ['empty', {}, 'Empty objects are not allowed'],
    ['a field without list', { detail: { state: 'running' } }, '"state" must be an object or an array at detail.state'],
    ['an empty list', { source: [] }, 'Empty arrays are not allowed at source'],
    ['a list in a list', { source: [['a']] }, 'Match value must be String, number, true, false, or null'],
    ['an unknown operator', { source: [{ regex: 'a' }] }, 'Unrecognized match type regex at source'],
    ['two operators in one', { source: [{ prefix: 'a', suffix: 'b' }] }, 'Only one key allowed in match expression'],
    ['prefix of a number', { source: [{ prefix: 1 }] }, 'prefix match pattern must be a string'],
    ['exists of a string', { source: [{ exists: 'yes' }] }, 'exists match pattern must be either true or false.'],
    ['mixed anything-but', { source: [{ 'anything-but': ['a', 1] }] }, 'mixed type is not supported'],
    ['anything-but boolean', { source: [{ 'anything-but': true }] }, 'Value of anything-but must be an array'],
    [
      'anything-but an unknown operator',
      { source: [{ 'anything-but': { numeric: ['=', 1] } }] },
      'Unsupported anything-but pattern: numeric',
    ],
    [
      'anything-but an empty prefix',
      { source: [{ 'anything-but': { prefix: '' } }] },
      'Null prefix/suffix not allowed',
    ],
    ['numeric without list', { a: [{ numeric: 5 }] }, 'Value of numeric must be an array.'],
    ['numeric with an unknown comparison', { a: [{ numeric: ['~', 5] }] }, 'Unrecognized numeric range operator: ~'],
    ['numeric with a string', { a: [{ numeric: ['=', '5'] }] }, 'Value of equals must be numeric'],
    ['numeric with reversed bounds', { a: [{ numeric: ['>', 5, '<', 1] }] }, 'Bottom must be less than top'],
    ['numeric beyond its limit', { a: [{ numeric: ['<', 6e9] }] }, 'between -5.0E9 and 5.0E9'],
    ['cidr without mask', { a: [{ cidr: '10.0.0.0' }] }, "Malformed CIDR, one '/' required"],
    ['cidr with a mask that is not a number', { a: [{ cidr: '10.0.0.0/x' }] }, 'must be an integer'],
    ['cidr of one IPv4 address', { a: [{ cidr: '10.0.0.1/32' }] }, 'IPv4 mask bits must be < 32'],
    ['cidr of one IPv6 address', { a: [{ cidr: '2001:db8::1/128' }] }, 'IPv6 mask bits must be < 128'],
    [
      'anything-but with a prefix that ignores case',
      { a: [{ 'anything-but': { prefix: { 'equals-ignore-case': 'a' } } }] },
      'prefix match pattern must be a string',
    ],
    [
      'anything-but with a suffix that ignores case',
      { a: [{ 'anything-but': { suffix: { 'equals-ignore-case': 'a' } } }] },
      'suffix match pattern must be a string',
    ],
    ['a wildcard of six parts', { a: [{ wildcard: '*:*:*:*:*:event-bus/*' }] }, 'Rule is too complex'],
    ['consecutive wildcards', { a: [{ wildcard: 'a**b' }] }, 'Consecutive wildcard characters at pos 2'],
    ['another escape in a wildcard', { a: [{ wildcard: 'a\\b' }] }, 'Invalid escape character at pos 1'],
    [
      'a wildcard with too many partial matches',
      { a: [{ wildcard: '*' + 'a'.repeat(80) + '*' }] },
      'Rule is too complex',
    ],
    ['$or with one option is a field', { $or: [{ source: ['a'] }] }, 'Unrecognized match type source at $or'],
    ['more than 2,048 characters', { a: ['x'.repeat(2048)] }, 'at most 2048 are allowed'],
  ];
  it.each(cases)('%s', (_, pattern, reason) => {
    expect(() => compilePattern(pattern)).toThrow(
      expect.objectContaining({ code: 'InvalidEventPatternException', message: expect.stringContaining(reason) }),
    );
  });

  it('is not refused for its length if the quota is raised', () => {
    expect(() => compilePattern({ a: ['x'.repeat(2048)] }, { maxLength: 4096 })).not.toThrow();
  });
});
