import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { accountTarget, defineRemediation } from '../../functions/contract/remediation.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { PolicyError, parsePolicy, readPolicy } from '../../stacks/policy.ts';

const TODAY = '2026-11-02';

const DESTRUCTIVE = defineRemediation({
  id: 'x/destroy-thing',
  title: 'Destroy it',
  handles: { controls: ['X.1'] },
  risk: 'destructive',
  target: accountTarget,
  params: z.strictObject({ keepDays: z.int().min(7).optional() }),
  state: z.strictObject({}),
  reads: [],
  writes: [],
  clients: {},
}).by({
  read: async () => ({}),
  want: () => ({}),
  write: async () => {},
  tags: async () => ({}),
  summary: () => 'nothing',
});

const parse = (text: string) => parsePolicy(text, 'policy.yaml', [...REMEDIATIONS, DESTRUCTIVE], TODAY);

function problemsIn(text: string): readonly string[] {
  try {
    parse(text);
    return [];
  } catch (error) {
    if (error instanceof PolicyError) return error.problems;
    throw error;
  }
}

const messageOf = (text: string): string => {
  try {
    parse(text);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

const HEAD = 'version: 1\ncontrols: { EC2.7: auto }\n';
const exception = (criteria: string, more = 'expires: 2026-11-02') =>
  `${HEAD}suppressions:\n  - { id: a, reason: r, owner: o, ${more}, criteria: ${criteria} }`;
const problemOf = (criteria: string) =>
  problemsIn(exception(criteria)).map((each) => each.replace(/^policy.yaml:\d+:\d+: /, ''));

describe('policy.yaml', () => {
  it('of this repository is valid', () => {
    expect(readPolicy('policy.yaml', REMEDIATIONS).version).toBe(1);
  });

  it('gets its defaults', () => {
    expect(parse(HEAD)).toEqual({
      version: 1,
      controls: { 'EC2.7': 'auto' },
      suppressions: [],
      exemptions: [],
      windows: [],
      excludedAccounts: [],
      approvals: { hours: 24, validHours: 24 },
      caps: { perAccountAndHour: 100, perRemediationAndHour: 1000, executionsPerHour: 20_000 },
      breaker: { failures: 10, minutes: 15 },
    });
  });

  it.each<[title: string, text: string]>([
    ['a control without a mode', 'version: 1\ncontrols:\n  EC2.7:'],
    [
      'mode approve for a destructive remediation',
      'version: 1\ncontrols: { X.1: { mode: approve, tags: { keep: off } } }',
    ],
    ['an exception on its last day', exception('{ control: EC2.13, account: "555555555555" }')],
    ['aliases', `version: 1\ncontrols: { EC2.7: &a { accounts: { "444444444444": off } }, EC2.14: *a }`],
  ])('may contain %s', (_, text) => {
    expect(problemsIn(text)).toEqual([]);
  });
});

/** 59,049 values at the end. */
const ALIASES = [
  'version: 1\ncontrols: {}\na0: &a0 [x, x, x, x, x, x, x, x, x]',
  ...[1, 2, 3, 4].map(
    (n) =>
      `a${n}: &a${n} [${Array(9)
        .fill(`*a${n - 1}`)
        .join(', ')}]`,
  ),
].join('\n');

describe('a bad policy is refused with its line:', () => {
  it.each<[title: string, text: string, ...problems: string[]]>([
    ['an empty file', '', '1:1: the policy: is empty: must be a map'],
    [
      'a control without its colon',
      'version: 1\ncontrols:\n  EC2.13 auto\n',
      '3:3: controls: is "EC2.13 auto": must be a map; is a colon missing after "EC2.13"?',
    ],
    ['a list', '- EC2.7', '1:1: the policy: is ["EC2.7"]: must be a map'],
    ['no controls', 'version: 1', '1:1: controls: is missing: must be a map'],
    ['another version', 'version: 2\ncontrols: {}', '1:10: version: is 2: must be 1'],
    ['a misspelt key', `${HEAD}supressions: []`, '3:1: supressions: no such key; did you mean suppressions?'],
    [
      'an unknown key',
      `${HEAD}caps:\n  daily: 5`,
      '4:3: caps.daily: no such key; there are perAccountAndHour, perRemediationAndHour, executionsPerHour',
    ],
    [
      'a control without a remediation',
      'version: 1\ncontrols:\n  EC2.13: auto\n  EC2.133: auto\n  ec2.7: auto\n  Nothing.9: auto',
      '4:3: controls.EC2.133: no remediation handles this control; did you mean EC2.13?',
      '5:3: controls.ec2.7: no remediation handles this control; did you mean EC2.7?',
      '6:3: controls.Nothing.9: no remediation handles this control',
    ],
    [
      'invalid modes',
      'version: 1\ncontrols:\n  EC2.7: automatic\n  EC2.13: aproved\n  EC2.14: true\n  EC2.2:\n    ous: { /Workloads: atuo }',
      '3:10: controls.EC2.7: is "automatic": must be off, observe, approve or auto',
      '4:11: controls.EC2.13: is "aproved": must be off, observe, approve or auto; did you mean approve?',
      '5:11: controls.EC2.14: is true: must be off, observe, approve or auto',
      '7:24: controls.EC2.2.ous./Workloads: is "atuo": must be off, observe, approve or auto; did you mean auto?',
    ],
    [
      'owners',
      [
        'version: 1\ncontrols: {}\nowners:\n  shop: { slak: "#shop" }\n  web: { mail: web, slack: web, jira: web-1 }',
        '  pay: { accounts: ["444444444444"] }\n  all: { teams: All, accounts: ["444444444444"], ous: [Workloads] }',
        '  9to5: { teams: A }\nownerTags: { channels: ["#*-*"], domains: ["@example.com"] }',
      ].join('\n'),
      '4:11: owners.shop.slak: no such key; did you mean slack?',
      '5:16: owners.web.mail: is "web": must be a mail address, such as shop@example.com',
      '5:28: owners.web.slack: is "web": must be a channel, such as #team-shop',
      '5:39: owners.web.jira: is "web-1": must be the key of a project, such as SHOP',
      '7:56: owners.all.ous[0]: is "Workloads": must be a path of organizational units, such as /Workloads/Production',
      '8:3: owners.9to5: must be a name that begins with a letter: letters, digits, spaces, dots, hyphens',
      '9:25: ownerTags.channels[0]: is "#*-*": must be a channel or begin like some, such as #team-*',
      '9:44: ownerTags.domains[0]: is "@example.com": must be a domain, such as example.com or *.example.com',
    ],
    [
      'times for owners',
      'version: 1\ncontrols: { EC2.13: { mode: auto, grace: { fro: 7d } } }\ngrace: { for: week, severities: { HIHG: 1d }, ous: { A: 1d }, accounts: { "4": 91d } }',
      '2:44: controls.EC2.13.grace.fro: no such key; there are for, severities, accounts, ous',
      '3:15: grace.for: is "week": must be hours or days, such as 36h or 7d',
      '3:35: grace.severities.HIHG: no such key; did you mean HIGH?',
      '3:54: grace.ous.A: must be a path of organizational units, such as /Workloads/Production',
      '3:75: grace.accounts.4: has fewer than 12 digits: account ids need quotes, or YAML drops their leading zeros',
    ],
    ['too much time for owners', 'version: 1\ncontrols: {}\ngrace: 91d', '3:8: grace: is "91d": must be at most 90d'],
    [
      'owners without a place, and with the same account',
      'version: 1\ncontrols: {}\nowners:\n  pay: { accounts: ["444444444444"] }\n  all: { teams: All, accounts: ["444444444444"] }',
      '4:3: owners.pay: has no place where it is told: add mail, slack, teams, jira, servicenow, pagerduty, repository',
      '5:33: owners.all.accounts[0]: is "444444444444": belongs to pay already',
    ],
    [
      'auto for a destructive remediation',
      'version: 1\ncontrols:\n  X.1: auto',
      '3:8: controls.X.1: is "auto": x/destroy-thing is destructive, a person must approve each change; write approve',
    ],
    [
      'auto for a destructive remediation in a map',
      [
        'version: 1\ncontrols:\n  X.1:\n    mode: auto\n    accounts: { "444444444444": auto }',
        '    ous: { /Training: auto }\n    tags: { env=dev: auto, env=prod: off }',
      ].join('\n'),
      '4:11: controls.X.1.mode: is "auto": x/destroy-thing is destructive, a person must approve each change; write approve',
      '5:33: controls.X.1.accounts.444444444444: is "auto": x/destroy-thing is destructive, a person must approve each change; write approve',
      '6:23: controls.X.1.ous./Training: is "auto": x/destroy-thing is destructive, a person must approve each change; write approve',
      '7:22: controls.X.1.tags.env=dev: is "auto": x/destroy-thing is destructive, a person must approve each change; write approve',
    ],
    [
      'a tag rule for a remediation without tags',
      'version: 1\ncontrols:\n  EC2.7:\n    mode: auto\n    tags: { keep: off }',
      '5:5: controls.EC2.7.tags: ec2/encrypt-ebs-by-default reads no tags: this can never hold',
    ],
    [
      'rules for resources that code manages',
      [
        'version: 1\ncontrols:\n  EC2.7:\n    whenManagedBy: { tags: { keep: fix } }\n  EC2.13:\n    whenManagedBy: notfy',
        'whenManagedBy: { terrafrom: fix, ous: { Workloads: fix, /A: { other: auto } } }\nmanagedTags: { other: pulumi }',
      ].join('\n'),
      '4:22: controls.EC2.7.whenManagedBy.tags: ec2/encrypt-ebs-by-default reads no tags: this can never hold',
      '6:20: controls.EC2.13.whenManagedBy: is "notfy": must be fix, approve, notify or refuse; did you mean notify?',
      '7:18: whenManagedBy.terrafrom: no such key; did you mean terraform?',
      '7:41: whenManagedBy.ous.Workloads: must be a path of organizational units, such as /Workloads/Production',
      '7:70: whenManagedBy.ous./A.other: is "auto": must be fix, approve, notify or refuse',
      '8:23: managedTags.other: is "pulumi": must be a list',
    ],
    [
      'parameters that the remediation does not take',
      'version: 1\ncontrols:\n  EC2.13:\n    params: { x: 1 }\n  X.1:\n    params: { keepDay: 30, keepDays: 3 }',
      '4:15: controls.EC2.13.params.x: no such key; there is none (parameters of ec2/close-admin-ports)',
      '6:15: controls.X.1.params.keepDay: no such key; did you mean keepDays? (parameters of x/destroy-thing)',
      '6:38: controls.X.1.params.keepDays: is 3: must be at least 7 (parameters of x/destroy-thing)',
    ],
    [
      'account ids without quotes',
      `version: 1\ncontrols:\n  EC2.7:\n    accounts: { 012345678901: off }\nexcludedAccounts: [444444444444, "12"]`,
      '4:17: controls.EC2.7.accounts.12345678901: has fewer than 12 digits: account ids need quotes, or YAML drops their leading zeros',
      '5:20: excludedAccounts[0]: is 444444444444: a number; account ids need quotes: "444444444444"',
      '5:34: excludedAccounts[1]: is "12": must be the 12 digits of an account id, in quotes',
    ],
    [
      'an invalid path',
      'version: 1\ncontrols:\n  EC2.7:\n    ous: { Workloads: off }',
      '4:12: controls.EC2.7.ous.Workloads: must be a path of organizational units, such as /Workloads/Production',
    ],
    [
      'an expiry that is missing, past or not a day',
      [
        `${HEAD}suppressions:\n  - { id: a, reason: r, owner: o, criteria: { region: eu-west-1 } }`,
        '  - { id: b, reason: r, owner: o, criteria: { region: eu-west-1 }, expires: 2026-11-01 }',
        '  - { id: c, reason: r, owner: o, criteria: { region: eu-west-1 }, expires: 31.12.2027 }',
      ].join('\n'),
      '4:5: suppressions[0].expires: is missing: must be a day such as 2027-01-31',
      '5:77: suppressions[1].expires: is "2026-11-01": has passed; remove the entry, or decide again',
      '6:77: suppressions[2].expires: is "31.12.2027": must be a day such as 2027-01-31',
    ],
    [
      'a duplicate id',
      [
        `${HEAD}suppressions:\n  - { id: a, reason: r, owner: o, expires: 2027-01-01, criteria: { region: eu-west-1 } }`,
        'exemptions:\n  - { id: a, reason: r, owner: o, expires: 2027-01-01, criteria: { region: eu-west-1 } }',
        'windows:\n  - { id: a, from: "22:00", to: "04:00" }\n  - { id: a, from: "22:00", to: "04:00" }',
      ].join('\n'),
      '6:11: exemptions[0].id: is "a": taken by suppressions[0]',
      '9:11: windows[1].id: is "a": taken by windows[0]',
    ],
    [
      'windows that never open or name an unknown control',
      [
        `${HEAD}windows:\n  - { id: a, from: "22:00", to: "22:00", controls: [EC2.133] }`,
        '  - { id: b, from: "24:00", to: 4, days: [monday], timezone: Berlin }',
      ].join('\n'),
      '4:33: windows[0].to: is "22:00": the window ends when it opens',
      '4:53: windows[0].controls[0]: is "EC2.133": no remediation handles this control; did you mean EC2.13?',
      '5:20: windows[1].from: is "24:00": must be a time such as 22:00',
      '5:33: windows[1].to: is 4: a number; put it in quotes: "4"',
      '5:43: windows[1].days[0]: is "monday": must be mon, tue, wed, thu, fri, sat or sun',
      '5:62: windows[1].timezone: is "Berlin": must be a time zone such as Europe/Berlin',
    ],
    [
      'numbers out of bounds',
      `${HEAD}approvals: { hours: 500 }\ncaps: { perAccountAndHour: 0, executionsPerHour: 1.5 }`,
      '3:21: approvals.hours: is 500: must be at most 336',
      '4:28: caps.perAccountAndHour: is 0: must be more than 0',
      '4:50: caps.executionsPerHour: is 1.5: must be a whole number',
    ],
    [
      'caps and a breaker above their bounds',
      `${HEAD}caps: { perAccountAndHour: 10001, perRemediationAndHour: 100001, executionsPerHour: 2000001 }\nbreaker: { failures: 1001, minutes: 1441 }`,
      '3:28: caps.perAccountAndHour: is 10001: must be at most 10000',
      '3:58: caps.perRemediationAndHour: is 100001: must be at most 100000',
      '3:85: caps.executionsPerHour: is 2000001: must be at most 2000000',
      '4:22: breaker.failures: is 1001: must be at most 1000',
      '4:37: breaker.minutes: is 1441: must be at most 1440',
    ],
    [
      'a duplicate key',
      'version: 1\ncontrols:\n  EC2.7: auto\n  EC2.7: off',
      '4:3: EC2.7 is here a second time; the first is in line 3: keep one',
    ],
    ['a tab', 'version: 1\ncontrols:\n\tEC2.7: auto', '3:1: a tab indents this line: use spaces'],
    [
      'a second document',
      `${HEAD}---\nversion: 1`,
      '3:1: the file has a second document, which begins here: remove the line ---',
    ],
    [
      'a missing colon',
      'version: 1\ncontrols:\n  EC2.7: auto\n  EC2.13 off\ncaps: 3',
      '4:3: a key on this line has no colon and space after it: write "EC2.13: off"',
    ],
    [
      'a colon without a space',
      'version: 1\ncontrols:\n  EC2.7:auto\n  EC2.13: off',
      '3:3: a key on this line has no colon and space after it: write "EC2.7: auto"',
    ],
    ['an open quotation mark', 'version: 1\ncontrols:\n  EC2.7: "auto\n', '3:10: this quotation mark is never closed'],
    [
      'an open quotation mark behind values that have theirs',
      `version: 1 # the team's\ncontrols:\n  EC2.7: "auto"\n  'EC2.13': "au\\"to\n  KMS.4: auto\n`,
      '4:13: this quotation mark is never closed',
    ],
    [
      'an open brace',
      'version: 1\ncontrols:\n  EC2.7: { mode: auto\n  EC2.13: off',
      '4:3: a bracket or brace that was opened before this line is not closed',
    ],
    [
      'an alias of nothing',
      `${HEAD}excludedAccounts: *x`,
      '3:19: *x refers to an anchor &x, which is nowhere: put the value in quotation marks',
    ],
    [
      'the first of several syntax errors',
      'a: b: c\n\td: e',
      '1:4: this line has two keys: put the second on a line of its own, or the value in quotation marks',
    ],
    [
      'a control that AWS has, and which is named nearly like one that Suture handles',
      'version: 1\ncontrols: { EC2.3: auto }',
      '2:13: controls.EC2.3: AWS has this control, but Suture does not handle it; suture catalogue lists those that it does',
    ],
    [
      'a control that AWS has and Suture does not handle',
      'version: 1\ncontrols: { CloudFront.1: auto }',
      '2:13: controls.CloudFront.1: AWS has this control, but Suture does not handle it; suture catalogue lists those that it does',
    ],
    [
      'an account twice, once without quotes',
      'version: 1\ncontrols:\n  EC2.13: { mode: observe, accounts: { "333333333333": observe, 333333333333: auto } }',
      '3:65: 333333333333 is here a second time; the first is in line 3: keep one',
    ],
    [
      'names of the prototype',
      'version: 1\ncontrols:\n  __proto__: auto\n  constructor.1: auto',
      '3:3: controls.__proto__: no remediation handles this control',
      '4:3: controls.constructor.1: no remediation handles this control',
    ],
    ['aliases of aliases', ALIASES, '1:1: the aliases (*name) make it too large: write the values out'],
  ])('%s', (_, text, ...problems) => {
    expect(problemsIn(text)).toEqual(problems.map((problem) => `policy.yaml:${problem}`));
  });

  it('the message has the number of problems', () => {
    expect(() => parse('version: 2\ncontrols: { EC2.7: no }')).toThrow(/\npolicy\.yaml is invalid: 2 problems\.$/);
  });
});

describe('criteria', () => {
  it.each<[criteria: string, ...problems: string[]]>([
    ['{}', ': is {}: must hold at least one criterion'],
    ['{ tags: {} }', '.tags: must hold at least one tag'],
    ['{ control: { equal: EC2.13 } }', '.control.equal: no such key; did you mean equals?'],
    ['{ controls: EC2.13 }', '.controls: no such key; did you mean control?'],
    ['{ account: 555555555555 }', '.account: is 555555555555: a number; account ids need quotes: "555555555555"'],
    ['{ account: "55" }', '.account: is "55": must be the 12 digits of an account id'],
    ['{ account: { prefix: 5x } }', '.account.prefix: is "5x": no account has this in it'],
    [
      '{ control: [EC2.13, EC2.133] }',
      '.control[1]: is "EC2.133": no remediation handles this control; did you mean EC2.13?',
    ],
    [
      '{ control: { not: EC2.133 } }',
      '.control.not: is "EC2.133": no remediation handles this control; did you mean EC2.13?',
    ],
    ['{ control: { prefix: Athena. } }', '.control.prefix: is "Athena.": no control has this in it'],
    ['{ control: { prefix: X., not: X.1 } }', '.control: can never hold: its operators exclude each other'],
    [
      '{ severity: high }',
      '.severity: is "high": must be one of INFORMATIONAL, LOW, MEDIUM, HIGH, CRITICAL; did you mean HIGH?',
    ],
    ['{ severity: { equals: HIGH, not: HIGH } }', '.severity: can never hold: its operators exclude each other'],
    ['{ region: eu-west }', '.region: is "eu-west": must be the name of a Region, such as eu-west-1'],
    ['{ title: { equals: abc, prefix: b } }', '.title: can never hold: its operators exclude each other'],
    ['{ title: { prefix: abc, notPrefix: [x, ab] } }', '.title: can never hold: its operators exclude each other'],
    ['{ title: { prefix: abc, notContains: b } }', '.title: can never hold: its operators exclude each other'],
    ['{ title: { contains: abc, notContains: b } }', '.title: can never hold: its operators exclude each other'],
    [
      '{ tags: { env: { equals: [a, b], not: [a, b] } } }',
      '.tags.env: can never hold: its operators exclude each other',
    ],
  ])('%s are refused', (criteria, ...problems) => {
    expect(problemOf(criteria)).toEqual(problems.map((problem) => `suppressions[0].criteria${problem}`));
  });

  it.each([
    '{ account: { prefix: "55", not: "555555555555" } }',
    '{ region: { prefix: us-, not: us-east-1 } }',
    '{ control: { prefix: EC2., not: EC2.7 } }',
    '{ title: { prefix: abc, contains: c, notContains: cd } }',
    '{ title: { prefix: [abc, b], notContains: a } }',
    '{ severity: { not: [HIGH, CRITICAL] } }',
    '{ tags: { env: { notPrefix: prod } } }',
  ])('%s can match', (criteria) => {
    expect(problemOf(criteria)).toEqual([]);
  });
});

it('shows each problem with its line and a caret', () => {
  expect(messageOf('version: 1\ncontrols:\n  EC2.7: auto\n  EC2.133: auto\n  EC2.13: of\n')).toBe(
    [
      'policy.yaml:4:3: controls.EC2.133: no remediation handles this control; did you mean EC2.13?',
      '    4 |   EC2.133: auto',
      '      |   ^',
      'policy.yaml:5:11: controls.EC2.13: is "of": must be off, observe, approve or auto; did you mean off?',
      '    5 |   EC2.13: of',
      '      |           ^',
      'policy.yaml is invalid: 2 problems.',
    ].join('\n'),
  );
});

it('cuts a long line around each problem, with the caret at its place', () => {
  const controls = Array.from({ length: 12 }, (_, n) => `EC2.13${n}: auto`).join(', ');
  const lines = messageOf(`{ version: 1, controls: { ${controls} }, exceptions: ${' '.repeat(300)}[] }`).split('\n');
  for (const line of lines.filter((each) => each.includes(' | '))) expect(line.length).toBeLessThanOrEqual(112);
  const at = lines.findIndex((line) => line.includes('controls.EC2.1311:'));
  expect(lines[at + 1]!.slice(lines[at + 2]!.indexOf('^'))).toMatch(/^EC2\.1311: auto/);
  expect(lines[at + 1]).toMatch(/\| ….*…$/);
});
