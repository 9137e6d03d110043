/** Files that people take for findings: what they are, and what to give instead. */

type Json = Readonly<Record<string, unknown>>;

/** Returns what a text is that is not JSON, and what to do; undefined if nothing tells. */
export function formatOfText(text: string): string | undefined {
  if (COMPRESSED.some((beginning) => text.startsWith(beginning))) return 'It is compressed: unpack it first.';
  return TEXT_FORMATS.find(({ beginning }) => beginning.test(text))?.advice;
}

/** The first bytes of gzip and zip, as UTF-8 reads them. */
const COMPRESSED = ['\x1f\ufffd', 'PK\x03\x04'];

const TEXT_FORMATS: readonly { readonly beginning: RegExp; readonly advice: string }[] = [
  { beginning: /^\s*</, advice: 'It is HTML or XML: export JSON instead.' },
  {
    beginning: /^\s*(?:---\s*\n|Findings:|- ?\w+: |[A-Z]\w+: )/,
    advice: 'It looks like YAML: export with --output json.',
  },
  { beginning: /^[^\n{}[\]]+[,;\t][^\n{}[\]]+[,;\t][^\n{}[\]]*\n/, advice: 'It looks like CSV: export JSON instead.' },
];

/** Returns what an object is that is neither an event nor a finding; undefined if nothing tells. */
export function formatOfObject(value: Json): string | undefined {
  return OBJECT_FORMATS.find(({ members }) => members.every((member) => Object.hasOwn(value, member)))?.advice;
}

const OBJECT_FORMATS: readonly { readonly members: readonly string[]; readonly advice: string }[] = [
  { members: ['Records'], advice: 'it holds records of a queue or a log; give the events or findings in them' },
  {
    members: ['Messages'],
    advice: "it is the answer of aws sqs receive-message; give the events in each message's Body",
  },
  { members: ['runs', 'version'], advice: 'it is SARIF, which names no resource of AWS' },
  { members: ['eventName', 'eventSource'], advice: 'it is an event of CloudTrail' },
  {
    members: ['EvaluationResults'],
    advice: "it is the answer of AWS Config; give Security Hub's findings about these rules",
  },
  { members: ['findings', 'NextToken'], advice: 'it is the answer of another service' },
  { members: ['FindingIds'], advice: "it has ids alone; give get-findings' answer for them" },
  { members: ['SecurityControlId', 'SecurityControlArn'], advice: 'it is a control, without a finding' },
];
