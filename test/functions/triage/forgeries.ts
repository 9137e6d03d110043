/**
 * Forged findings: each is a genuine event with one change. Tests try them on the decision itself and, event by event,
 * on the deployed rules and workflow.
 */

export const VICTIM = '444444444444';
export const SUSPENDED = '777777777777';
export const STRANGER = '123456789012';

/** A forger knows the ids of its own, the security and the service account. */
export type Accounts = { readonly own: string; readonly security: string; readonly service: string };

export type Forgery = {
  /** Returns the forged event; may change the genuine one. */
  readonly forge: (event: any, accounts: Accounts) => unknown;
  readonly because: string;
};

type Bend = (finding: any, accounts: Accounts) => void;

const finding =
  (bend: Bend) =>
  (event: any, accounts: Accounts): unknown => {
    bend(event.detail.findings[0], accounts);
    return event;
  };
const resource = (bend: Bend) => finding((it, accounts) => bend(it.Resources[0], accounts));
const envelope = (members: (accounts: Accounts) => object) => (event: any, accounts: Accounts) => ({
  ...event,
  ...members(accounts),
});
const productArn = (arn: string) =>
  finding((it) => {
    it.ProductArn = arn;
  });
const resourceId = (make: (id: string, accounts: Accounts) => string) =>
  resource((it, accounts) => {
    it.Id = make(it.Id, accounts);
  });
const bucket = (name: string) =>
  finding((it) => {
    it.Compliance.SecurityControlId = 'S3.8';
    it.GeneratorId = 'security-control/S3.8';
    it.Resources = [{ Type: 'AwsS3Bucket', Id: `arn:aws:s3:::${name}`, Partition: 'aws', Region: it.Region }];
  });
const accountNamed = (id: (accounts: Accounts) => string) =>
  finding((it, accounts) => {
    it.Compliance.SecurityControlId = 'EC2.7';
    it.GeneratorId = 'security-control/EC2.7';
    it.Resources = [{ Type: 'AwsAccount', Id: id(accounts), Partition: 'aws', Region: it.Region }];
  });
const user = (id: (own: string) => string, details: object) =>
  finding((it, { own }) => {
    it.Compliance.SecurityControlId = 'IAM.3';
    it.GeneratorId = 'security-control/IAM.3';
    const AwsIamUser = { UserId: 'AIDA0123456789ABCDEF', UserName: 'jo', Path: '/', ...details };
    it.Resources = [{ Type: 'AwsIamUser', Id: id(own), Partition: 'aws', Region: it.Region, Details: { AwsIamUser } }];
  });
const ofAccount = (account: (accounts: Accounts) => string) => (event: any, accounts: Accounts) =>
  JSON.parse(JSON.stringify(event).replaceAll(accounts.own, account(accounts)));
/** Changes the event's JSON text in ways that no serializer would. */
const text = (change: (json: string, accounts: Accounts) => string) => (event: any, accounts: Accounts) =>
  JSON.parse(change(JSON.stringify(event), accounts));
const nested = (depth: number): unknown => {
  let value: unknown = 'x';
  for (let n = 0; n < depth; n++) value = [value];
  return value;
};

const NOT_OWN = "is not Security Hub's own";
const CHARACTERS = 'has characters that Suture takes in no id';
const NAMES = 'has characters that Security Hub never uses in names';
const NO_ASFF = 'is not a finding in ASFF: ';
const TRAVERSES = 'is a path to something else';

export const FORGERIES: Readonly<Record<string, Forgery>> = {
  // The resource.
  "a member that names another member's group": {
    forge: resourceId((id, { own }) => id.replace(own, VICTIM)),
    because: `is of account ${VICTIM}, AwsAccountId is`,
  },
  "a list of resources, the first its own and the second another's": {
    forge: finding((it, { own }) =>
      it.Resources.push({ ...it.Resources[0], Id: it.Resources[0].Id.replace(own, VICTIM) }),
    ),
    because: `is of account ${VICTIM}, AwsAccountId is`,
  },
  "a list of resources, the first another's and the second its own": {
    forge: finding((it, { own }) =>
      it.Resources.unshift({ ...it.Resources[0], Id: it.Resources[0].Id.replace(own, VICTIM) }),
    ),
    because: `is of account ${VICTIM}, AwsAccountId is`,
  },
  'a list of two own resources': {
    forge: finding((it) => it.Resources.push(it.Resources[0])),
    because: 'names 2 resources; control findings name one',
  },
  'more resources than a finding may have': {
    forge: finding((it) => {
      it.Resources = Array.from({ length: 33 }, () => it.Resources[0]);
    }),
    because: `${NO_ASFF}Resources: Too big`,
  },
  "another account's setting": {
    forge: accountNamed(() => `AWS::::Account:${VICTIM}`),
    because: `resource "AWS::::Account:${VICTIM}" is not account`,
  },
  'two accounts in place of one': {
    forge: accountNamed(({ own }) => `AWS::::Account:${own},${VICTIM}`),
    because: 'is not account',
  },
  'the account in lower case': {
    forge: accountNamed(({ own }) => `aws::::account:${own}`),
    because: 'is not AwsAccount: its Type must be AwsAccount, and its Id such as AWS::::Account:111122223333',
  },
  'the root user of the account in place of its setting': {
    forge: accountNamed(({ own }) => `arn:aws:iam::${own}:root`),
    because: 'is not AwsAccount: its Type must be AwsAccount, and its Id such as AWS::::Account:111122223333',
  },
  'a policy of AWS, which is not in an account': {
    forge: resourceId(() => 'arn:aws:iam::aws:policy/AdministratorAccess'),
    because: 'is of account aws, AwsAccountId is',
  },
  'an ARN in capitals, so that it is not taken for one': {
    forge: resourceId((id, { own }) => id.replace('arn:', 'ARN:').replace(own, VICTIM)),
    because: 'is not AwsEc2SecurityGroup',
  },
  'an id that does not parse': {
    forge: resourceId(() => 'arn:aws:ec2'),
    because:
      'is not AwsEc2SecurityGroup: its Id must be an ARN such as arn:aws:ec2:us-east-1:111122223333:security-group/sg-0123…',
  },
  'an id that is empty': { forge: resourceId(() => ''), because: CHARACTERS },
  'a resource of another type under the same id': {
    forge: resource((it) => {
      it.Type = 'AwsEc2Vpc';
    }),
    because: 'AwsEc2Vpc "arn:',
  },
  'a type with a character of no width': {
    forge: resource((it) => {
      it.Type = 'AwsEc2SecurityGroup\u200b';
    }),
    because:
      'is not AwsEc2SecurityGroup: its Type must be AwsEc2SecurityGroup, and its Id must be an ARN such as arn:aws:ec2:us-east-1:111122223333:security-group/sg-0123…',
  },
  "a user's unique id with the Details of another": {
    forge: user((own) => `arn:aws:iam::${own}:user/AIDAAAAAAAAAAAAAAAAA`, { UserName: 'admin' }),
    because: 'has Details of another user: ',
  },
  "a user's Details with a path out of the user's name": {
    forge: user((own) => `arn:aws:iam::${own}:user/AIDA0123456789ABCDEF`, { UserName: '../role/admin' }),
    because: 'has a UserName in Details that IAM does not allow',
  },

  // Names that contain more than a name.
  'a wildcard as name': { forge: resourceId((id) => id.replace(/sg-.*/, '*')), because: CHARACTERS },
  'a wildcard in a name': { forge: resourceId((id) => id.replace(/.$/, '?')), because: CHARACTERS },
  'a policy variable in a name': {
    forge: resourceId((id) => id.replace(/sg-.*/, '$' + '{aws:username}')),
    because: CHARACTERS,
  },
  'a quote that ends a policy': { forge: resourceId((id) => `${id}","*`), because: CHARACTERS },
  'a line break after a name': { forge: resourceId((id) => `${id}\n`), because: CHARACTERS },
  'a null character in a name': { forge: resourceId((id) => `${id}\u0000`), because: CHARACTERS },
  'a mark that reverses the text direction': { forge: resourceId((id) => `${id}\u202e`), because: CHARACTERS },
  'a Cyrillic letter in a name': { forge: resourceId((id) => id.replace('sg-', '\u0455g-')), because: CHARACTERS },
  'a colon of full width in an ARN': { forge: resourceId((id) => id.replace(':', '\uff1a')), because: CHARACTERS },
  'a percent sign that hides a wildcard': { forge: resourceId((id) => `${id}%2A`), because: CHARACTERS },
  'a backslash in a name': { forge: resourceId((id) => `${id}\\x`), because: CHARACTERS },
  'a path from one name to another': { forge: resourceId((id) => `${id}/../sg-other`), because: TRAVERSES },
  'a path to another account': {
    forge: resourceId((id) => id.replace(/:security-group.*/, `:../${VICTIM}:security-group/sg-1`)),
    because: TRAVERSES,
  },
  'a bucket name with a line break': { forge: bucket('a-bucket\nx-amz-acl: public-read'), because: CHARACTERS },
  'a bucket name with a wildcard': { forge: bucket('a-bucket*'), because: CHARACTERS },
  'a bucket that is the folder above': { forge: bucket('..'), because: TRAVERSES },
  'a bucket with a key': { forge: bucket('a-bucket/key'), because: 'is not AwsS3Bucket' },
  'a bucket with the query of a request': { forge: bucket('a-bucket?acl'), because: CHARACTERS },

  // Region and partition.
  'a group of another Region': {
    forge: resourceId((id) => id.replace('us-east-1', 'eu-west-1')),
    because: 'is of eu-west-1, the finding of us-east-1',
  },
  'a group of another Region, if the finding names none': {
    forge: finding((it) => {
      it.Resources[0].Id = it.Resources[0].Id.replace('us-east-1', 'eu-west-1');
      delete it.Resources[0].Region;
      delete it.Region;
    }),
    because: 'is of eu-west-1, the finding of us-east-1',
  },
  'a Region other than that of its product': {
    forge: finding((it) => {
      it.Region = 'eu-west-1';
    }),
    because: 'Region is eu-west-1, ProductArn is of us-east-1',
  },
  'an Id of another Region than its product': {
    forge: finding((it) => {
      it.Id = it.Id.replace('us-east-1', 'eu-west-1');
    }),
    because: 'Id is of eu-west-1, ProductArn of us-east-1',
  },
  'a Region that is a host': {
    forge: resource((it) => {
      it.Region = 'us-east-1.evil.example/#';
    }),
    because: `${NO_ASFF}Resources.0.Region: is not the name of a Region`,
  },
  'a Region with user information of a URL': {
    forge: resource((it) => {
      it.Region = 'user@evil.example';
    }),
    because: `${NO_ASFF}Resources.0.Region: is not the name of a Region`,
  },
  'everything in another partition': {
    forge: text((json) => json.replaceAll('arn:aws:', 'arn:aws-cn:').replaceAll('"aws"', '"aws-cn"')),
    because: 'is of partition aws-cn, the organization of aws',
  },
  'an Id of another partition': {
    forge: finding((it) => {
      it.Id = it.Id.replace('arn:aws:', 'arn:aws-us-gov:');
    }),
    because: 'Id is of partition aws-us-gov, ProductArn of aws',
  },
  'a resource of another partition': {
    forge: resourceId((id) => id.replace('arn:aws:', 'arn:aws-cn:')),
    because: 'resource is of partition aws-cn, ProductArn of aws',
  },
  'a resource with a partition other than that of its ARN': {
    forge: resource((it) => {
      it.Partition = 'aws-cn';
    }),
    because: 'resource is of partition aws-cn, ProductArn of aws',
  },

  // The product.
  'an own import that claims a control': {
    forge: finding((it, { own }) => {
      it.ProductArn = `arn:aws:securityhub:us-east-1:${own}:product/${own}/default`;
    }),
    because: NOT_OWN,
  },
  'an own import whose ARN ends like the genuine one': {
    forge: finding((it, { own }) => {
      it.ProductArn = `arn:aws:securityhub:us-east-1:${own}:product/x::product/aws/securityhub`;
    }),
    because: NOT_OWN,
  },
  'the genuine product in an account': {
    forge: productArn(`arn:aws:securityhub:us-east-1:${STRANGER}:product/aws/securityhub`),
    because: NOT_OWN,
  },
  "another product's finding that claims a control": {
    forge: productArn('arn:aws:securityhub:us-east-1::product/aws/guardduty'),
    because: NOT_OWN,
  },
  'a path after the genuine product': {
    forge: productArn('arn:aws:securityhub:us-east-1::product/aws/securityhub/../x'),
    because: NOT_OWN,
  },
  'a prefix before the genuine product': {
    forge: productArn('https://x@arn:aws:securityhub:us-east-1::product/aws/securityhub'),
    because: NOT_OWN,
  },
  'a space after the genuine product': {
    forge: productArn('arn:aws:securityhub:us-east-1::product/aws/securityhub '),
    because: NOT_OWN,
  },
  'a line break after the genuine product': {
    forge: productArn('arn:aws:securityhub:us-east-1::product/aws/securityhub\n'),
    because: NOT_OWN,
  },
  'a Cyrillic letter in the product': {
    forge: productArn('arn:aws:securityhub:us-east-1::product/\u0430ws/securityhub'),
    because: NOT_OWN,
  },
  'a character of no width in the product': {
    forge: productArn('arn:aws:securityhub:us-east-1::product/aws/\u200bsecurityhub'),
    because: NOT_OWN,
  },
  'the product in upper case': {
    forge: productArn('arn:aws:securityhub:us-east-1::product/AWS/SecurityHub'),
    because: NOT_OWN,
  },
  'a product of a Region that is a host': {
    forge: productArn('arn:aws:securityhub:evil.example::product/aws/securityhub'),
    because: NOT_OWN,
  },
  'two products': {
    forge: finding((it) => {
      it.ProductArn = [it.ProductArn, it.ProductArn];
    }),
    because: `${NO_ASFF}ProductArn: Invalid input`,
  },

  // The control.
  'control names that disagree': {
    forge: finding((it) => {
      it.GeneratorId = 'security-control/EC2.7';
    }),
    because: 'SecurityControlId says EC2.13, GeneratorId "security-control/EC2.7" says EC2.7',
  },
  'a control and the generator of a scanner': {
    forge: finding((it) => {
      it.GeneratorId = 'our-own-check';
    }),
    because: 'SecurityControlId says EC2.13, GeneratorId "our-own-check" says no control',
  },
  'a path from one control to another': {
    forge: finding((it) => {
      it.GeneratorId = 'security-control/EC2.7/../EC2.13';
    }),
    because: 'SecurityControlId says EC2.13',
  },
  'a control in Cyrillic letters': {
    forge: finding((it) => {
      it.Compliance.SecurityControlId = '\u0415C2.13';
      it.GeneratorId = 'security-control/\u0415C2.13';
    }),
    because: NAMES,
  },
  'a control with a character of no width': {
    forge: finding((it) => {
      it.Compliance.SecurityControlId = 'EC2.13\u200d';
    }),
    because: NAMES,
  },
  'a control in digits of full width': {
    forge: finding((it) => {
      it.Compliance.SecurityControlId = 'EC2.\uff11\uff13';
    }),
    because: NAMES,
  },

  // The account.
  'an account other than that of the Id': {
    forge: finding((it) => {
      it.AwsAccountId = VICTIM;
    }),
    because: `AwsAccountId is ${VICTIM}`,
  },
  'an account outside the organization': {
    forge: ofAccount(() => STRANGER),
    because: `account ${STRANGER} is not in the organization`,
  },
  'an account that is suspended': {
    forge: ofAccount(() => SUSPENDED),
    because: `account ${SUSPENDED} is SUSPENDED`,
  },
  'the security account itself': { forge: ofAccount(({ security }) => security), because: 'is excluded' },
  'the service account': { forge: ofAccount(({ service }) => service), because: 'is excluded' },
  'an account as a number': {
    forge: finding((it, { own }) => {
      it.AwsAccountId = Number(own);
    }),
    because: `${NO_ASFF}AwsAccountId: Invalid input`,
  },
  'an account of 13 digits': {
    forge: finding((it, { own }) => {
      it.AwsAccountId = `${own}0`;
    }),
    because: `${NO_ASFF}AwsAccountId: must be 12 digits`,
  },
  'an account in digits of another script': {
    forge: finding((it, { own }) => {
      it.AwsAccountId = own.replaceAll('3', '\u0663');
    }),
    because: `${NO_ASFF}AwsAccountId: must be 12 digits`,
  },
  'a list of accounts': {
    forge: finding((it, { own }) => {
      it.AwsAccountId = [own, VICTIM];
    }),
    because: `${NO_ASFF}AwsAccountId: Invalid input`,
  },
  'two account members, the last with another value': {
    forge: text((json, { own }) =>
      json.replace(`"AwsAccountId":"${own}"`, `"AwsAccountId":"${own}","AwsAccountId":"${VICTIM}"`),
    ),
    because: `AwsAccountId is ${VICTIM}`,
  },
  'an Id that is not an ARN': {
    forge: finding((it) => {
      it.Id = 'finding-1';
    }),
    because: 'Id "finding-1" is not an ARN of Security Hub',
  },
  'an Id of another service': {
    forge: finding((it) => {
      it.Id = it.Id.replace(':securityhub:', ':guardduty:');
    }),
    because: 'is not an ARN of Security Hub',
  },
  'an Id with a line break': {
    forge: finding((it) => {
      it.Id += '\nlevel=INFO';
    }),
    because: NAMES,
  },

  // Values that are not a finding.
  'an Id of 300 KB': {
    forge: finding((it) => {
      it.Id += 'x'.repeat(300 * 1024);
    }),
    because: `${NO_ASFF}Id: Too big`,
  },
  'a title of 200 KB': {
    forge: finding((it) => {
      it.Title = 'x'.repeat(200 * 1024);
    }),
    because: `${NO_ASFF}Title: Too big`,
  },
  'an Id nested a thousand deep': {
    forge: finding((it) => {
      it.Id = nested(1_000);
    }),
    because: `${NO_ASFF}Id: Invalid input`,
  },
  'keys that name the prototype, in place of the account': {
    forge: text((json, { own }) => json.replace(`"AwsAccountId":"${own}"`, `"__proto__":{"AwsAccountId":"${own}"}`)),
    because: `${NO_ASFF}AwsAccountId: Invalid input`,
  },
  'a resource whose id is in its prototype': {
    forge: text((json) => json.replace(/("Resources":\[\{"Type":"\w+",)"Id":("[^"]+")/, '$1"__proto__":{"Id":$2}')),
    because: `${NO_ASFF}Resources.0.Id: Invalid input`,
  },
  'a finding without account': {
    forge: finding((it) => {
      delete it.AwsAccountId;
    }),
    because: `${NO_ASFF}AwsAccountId: Invalid input`,
  },
  'a finding without resources': {
    forge: finding((it) => {
      it.Resources = [];
    }),
    because: `${NO_ASFF}Resources: names no resource`,
  },
  'a state that looks like ACTIVE': {
    forge: finding((it) => {
      it.RecordState = 'A\u0421TIVE';
    }),
    because: `${NO_ASFF}RecordState: Invalid option`,
  },

  // The sender.
  'an event of another source': {
    forge: envelope(() => ({ source: 'aws.securityhub.evil' })),
    because: 'event comes from source "aws.securityhub.evil", not aws.securityhub',
  },
  "an event that a member's bus passed on": {
    forge: envelope(({ own }) => ({ account: own })),
    because: 'not from the security account',
  },
  'an event of another Region': {
    forge: envelope(() => ({ region: 'eu-west-1' })),
    because: 'event comes from eu-west-1, not from the home Region',
  },
  'an event of another kind': {
    forge: envelope(() => ({ 'detail-type': 'Security Hub Insight Results' })),
    because: 'detail-type "Security Hub Insight Results" carries no ASFF findings',
  },
  'an event that calls itself OCSF': {
    forge: envelope(() => ({ 'detail-type': 'Findings Imported V2' })),
    because: 'is in OCSF',
  },
};
