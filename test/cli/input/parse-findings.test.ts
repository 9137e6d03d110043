import { describe, expect, it } from 'vitest';
import { parseAsffFindings, parseFindings } from '../../../cli/input/parse-findings.ts';

const FINDING = { Id: 'arn:finding', AwsAccountId: '333333333333' };
const EVENT = { 'detail-type': 'Security Hub Findings - Imported', detail: { findings: [FINDING, FINDING] } };
const kinds = (text: string) => parseFindings(text, 'file').map(({ kind }) => kind);

describe('reads', () => {
  it.each<[what: string, text: string, kinds: string[]]>([
    ['a finding', JSON.stringify(FINDING), ['finding']],
    ['a finding over several lines', JSON.stringify(FINDING, null, 2), ['finding']],
    ['a finding behind a byte order mark', `\uFEFF${JSON.stringify(FINDING)}`, ['finding']],
    ['an event', JSON.stringify(EVENT), ['event']],
    ['an array of both', JSON.stringify([FINDING, EVENT]), ['finding', 'event']],
    [
      'events and findings, one a line',
      `${JSON.stringify(FINDING)}\n\n${JSON.stringify(EVENT)}\r\n`,
      ['finding', 'event'],
    ],
    ['the output of get-findings', JSON.stringify({ Findings: [FINDING, FINDING] }), ['finding', 'finding']],
    [
      'findings one after another, as jq prints them',
      `${JSON.stringify(FINDING, null, 2)}\n`.repeat(2),
      ['finding', 'finding'],
    ],
    [
      'findings without a separator, as Firehose writes them',
      JSON.stringify({ ...FINDING, Title: '"{' }).repeat(2),
      ['finding', 'finding'],
    ],
    [
      'answers of get-findings, one a line',
      `${JSON.stringify({ Findings: [FINDING] })}\n`.repeat(2),
      ['finding', 'finding'],
    ],
    ['the detail of an event', JSON.stringify(EVENT.detail), ['finding', 'finding']],
    ['a malformed finding', '{"Resources": 7}', ['finding']],
    ['a finding in OCSF', '{"class_uid": 2003, "finding_info": {}}', ['finding']],
  ])('%s', (_, text, expected) => {
    expect(kinds(text)).toEqual(expected);
  });
});

describe('refuses', () => {
  it.each<[what: string, text: string, message: RegExp]>([
    ['an empty text', '', /^file is empty\./],
    ['blank lines', '\n \n', /^file is empty\./],
    ['an empty array', '[]', /^file holds no finding: /],
    ['text', 'no json', /^file:1 is not JSON/],
    ['a trailing comma', '{\n  "Id": "a",\n}\n', /^file:3 is not JSON/],
    ['a document that ends too early', '{\n  "Id": "a"\n', /^file is not JSON, at the end of the file: /],
    [
      'a document with a mistake in the middle, whose place Node does not say',
      '{\n  "Id": "a",\n  "b": x,\n  "c": 1\n}\n',
      /^file:3 is not JSON: [^\n]*$/,
    ],
    ['a line that is not JSON', '{"Id": "a"}\n{"Id": "b"}\n{"Id": \n', /^file:3 is not JSON/],
    ['a number', '7', /^file is neither an event nor a finding: it is a number/],
    ['null among others', '[{"Id": "a"}, null]', /^file\[1\] is neither .* it is null/],
    ['an array in an array', '[[]]', /^file\[0\] is neither .* it is an array/],
    ['an object of another kind', '{"Name": "x", "Size": 1}', /^file is neither .* it has Name, Size/],
    ['a line with an object of another kind', '{"Id": "a"}\n{"Name": "x"}', /^file:2 is neither .* it has Name/],
    ['an event of another kind', '{"detail": {"state": "ok"}}', /^file is neither .* without detail.findings/],
    [
      'an event of another service',
      '{"detail": {}, "source": "aws.config", "detail-type": "Rules"}',
      /it is an event "Rules" of aws\.config without detail\.findings/,
    ],
    ['records of a queue', '{"Records": []}', /^file is neither .* it holds records of a queue or a log/],
    ['CSV', 'Id,Title,Severity\na,b,c\n', /^file is not JSON\. It looks like CSV/],
    ['YAML', 'Findings:\n- Id: a\n', /^file is not JSON\. It looks like YAML: export with --output json/],
    ['HTML', '<html>', /^file is not JSON\. It is HTML or XML/],
    ['a compressed file', '\x1f\ufffd\b', /^file is not JSON\. It is compressed/],
    ['an empty answer of get-findings', '{"Findings": []}', /^file holds no finding: its list is empty/],
    ['an event without a finding', '{"detail": {"findings": []}}', /^file is neither .* detail.findings is empty/],
  ])('%s', (_, text, message) => {
    expect(() => parseFindings(text, 'file')).toThrow(
      expect.objectContaining({ name: 'UsageError', message: expect.stringMatching(message) }),
    );
  });
});

describe('requires ASFF', () => {
  const asff = {
    ...FINDING,
    Id: 'arn:aws:securityhub:us-east-1:333333333333:security-control/EC2.13/finding/0f6e1a2b',
    ProductArn: 'arn:aws:securityhub:us-east-1::product/aws/securityhub',
    ...{ GeneratorId: 'security-control/EC2.13', RecordState: 'ACTIVE', Workflow: { Status: 'NEW' } },
    Resources: [{ Type: 'AwsEc2SecurityGroup', Id: 'arn:aws:ec2:us-east-1:333333333333:security-group/sg-1' }],
  };
  const messageOf = (value: unknown) => {
    try {
      return String(parseAsffFindings(JSON.stringify(value), 'file').length);
    } catch (error) {
      return (error as Error).message;
    }
  };
  it('of findings and of those in events', () => {
    expect(messageOf([asff, { detail: { findings: [asff] } }])).toBe('2');
  });
  it('but not of other products', () => {
    expect(messageOf({ Id: 'x', ProductArn: 'arn:aws:securityhub:eu-west-1::product/aws/guardduty' })).toBe('1');
  });
  it('and names each member that is missing or wrong, with an example', () => {
    const { ProductArn: _, ...rest } = asff;
    expect(messageOf([asff, { ...rest, AwsAccountId: 333, Workflow: { Status: 'OPEN' } }]).split('\n')).toEqual([
      'file[1] is not a finding of Security Hub (ASFF):',
      '  ProductArn is missing, such as "arn:aws:securityhub:us-east-1::product/aws/securityhub"',
      '  AwsAccountId is 333: expected string, received number, such as "111122223333"',
      expect.stringMatching(/^ {2}Workflow\.Status is "OPEN": expected one of "NEW".*, such as "NEW"$/),
      'To get findings in this format:',
      '  aws securityhub get-findings --max-items 50 > findings.json',
    ]);
    expect(messageOf({ detail: { findings: [asff, rest] } })).toMatch(/^file, detail\.findings\[1\] is not a finding/);
  });
  it('and the form of its Id in the same round, with an example of its own control', () => {
    const { GeneratorId: _, ...rest } = { ...asff, Id: 'my-1', Compliance: { SecurityControlId: 'KMS.4' } };
    expect(messageOf(rest).split('\n').slice(1, 3)).toEqual([
      '  Id is "my-1": not an ARN of Security Hub, such as "arn:aws:securityhub:us-east-1:111122223333:security-control/KMS.4/finding/0f6e1a2b-…"',
      '  GeneratorId is missing, such as "security-control/KMS.4"',
    ]);
    expect(
      messageOf({ ...asff, Id: 'my-1' })
        .split('\n')
        .slice(1),
    ).toEqual([
      expect.stringMatching(/^ {2}Id is "my-1": not an ARN of Security Hub, such as "arn:.*EC2\.13\/finding/),
      ...['To get findings in this format:', expect.anything()],
    ]);
  });
  it('and refuses OCSF by the name of its product, unless an event brings it', () => {
    const ocsf = { class_uid: 2003, finding_info: {}, metadata: { product: { name: 'Prowler' } } };
    expect(messageOf([ocsf])).toMatch(/^file\[0\] is a finding of Prowler in OCSF\./);
    expect(messageOf({ detail: { findings: [ocsf] } })).toBe('1');
  });
  it('and names five of many', () => {
    const message = messageOf(Array.from({ length: 7 }, () => ({ Id: 'x' })));
    expect(message.match(/is not a finding of/g)).toHaveLength(5);
    expect(message).toContain('\n… and 2 more like that.\n');
  });
});
