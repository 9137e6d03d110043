/** Says what keeps a finding from being one of Security Hub in ASFF, in words for the person who has the file. */

import { Finding } from '../../functions/domain/finding.ts';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Values that Security Hub writes into the members that Suture needs. */
const EXAMPLES: Readonly<Record<string, string>> = {
  Id: '"arn:aws:securityhub:us-east-1:111122223333:security-control/EC2.13/finding/0f6e1a2b-…"',
  ProductArn: '"arn:aws:securityhub:us-east-1::product/aws/securityhub"',
  GeneratorId: '"security-control/EC2.13"',
  AwsAccountId: '"111122223333"',
  RecordState: '"ACTIVE"',
  Workflow: '{"Status": "NEW"}',
  'Workflow.Status': '"NEW"',
  'Compliance.Status': '"FAILED"',
  Resources: '[{"Type": "AwsEc2SecurityGroup", "Id": "arn:aws:ec2:…"}]',
};

/** The pipeline ignores findings of other products, which may have fewer members. */
const OTHER_PRODUCT = /^arn:[\w-]+:securityhub:.+:product\/(?!aws\/securityhub$)/;

/** Returns a line for each member that is missing or wrong; none for a finding in ASFF. */
export function asffProblems(finding: unknown): string[] {
  if (isObject(finding) && OTHER_PRODUCT.test(String(finding.ProductArn))) return [];
  const parsed = Finding.safeParse(finding);
  if (parsed.success) return idProblems(parsed.data.Id, finding);
  const problems = parsed.error.issues.map(({ path, message }) => {
    const name = path.join('.');
    const value = path.reduce<any>((inner, part) => inner?.[part as string], finding);
    const example = exampleOf(name, finding);
    if (value === undefined) return `${name} is missing${example}`;
    const problem = message.replace(/^Invalid (?:input|option|string): /, '');
    return `${name} is ${JSON.stringify(value).slice(0, MAX_VALUE)}: ${problem}${example}`;
  });
  const hasId = !parsed.error.issues.some(({ path }) => path[0] === 'Id');
  return hasId && isObject(finding) ? [...idProblems(String(finding.Id), finding), ...problems] : problems;
}

/** Returns a problem if the Id is not an ARN of Security Hub. The pipeline says whether the ARN fits the rest. */
const idProblems = (id: string, finding: unknown): string[] =>
  /^arn:[^:]+:securityhub:/.test(id)
    ? []
    : [`Id is ${JSON.stringify(id).slice(0, MAX_VALUE)}: not an ARN of Security Hub${exampleOf('Id', finding)}`];

/** Returns an example of the member, with the finding's own control where it names one. */
function exampleOf(name: string, finding: unknown): string {
  const example = EXAMPLES[name];
  if (!example) return '';
  return `, such as ${example.replace(EXAMPLE_CONTROL, controlIn(finding) ?? EXAMPLE_CONTROL)}`;
}

function controlIn(finding: unknown): string | undefined {
  const { Compliance, GeneratorId, Id, Title } = Object(finding);
  const texts = [Object(Compliance).SecurityControlId, GeneratorId, Id, Title];
  return texts.map((text) => (typeof text === 'string' ? CONTROL.exec(text)?.[0] : undefined)).find(Boolean);
}

const EXAMPLE_CONTROL = 'EC2.13';
const CONTROL = /\b[A-Za-z][A-Za-z0-9]{1,39}\.\d{1,3}\b/;

const MAX_VALUE = 60;

/** Returns the product of a finding in OCSF, which Suture does not take; undefined for anything else. */
export function ocsfProduct(finding: unknown): string | undefined {
  if (!isObject(finding) || Object.hasOwn(finding, 'ProductArn')) return undefined;
  const { finding_info: info, class_uid: kind, metadata } = finding;
  if (!isObject(info) && typeof kind !== 'number') return undefined;
  const product = isObject(metadata) && isObject(metadata.product) ? metadata.product.name : undefined;
  return typeof product === 'string' ? product : 'another product';
}
