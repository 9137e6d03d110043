/**
 * GetFindings: filters, order and pages.
 * https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_GetFindings.html
 */
import type * as sdk from '@aws-sdk/client-securityhub';
import type { Need, ServiceOperation } from '../../kernel/kernel.ts';
import { notModelled, onlyMembers, pageOf } from '../requests.ts';
import { hubArn, invalidInput, mustBeSubscribed, type SecurityHubState, sees } from './state.ts';

const DEFAULT_PAGE = 10;
const LARGEST_PAGE = 100;

export const getFindings: ServiceOperation<sdk.GetFindingsRequest, sdk.GetFindingsResponse, SecurityHubState> = {
  quota: { rate: 3, burst: 6, error: 'TooManyRequestsException' },
  needs: (_, at): Need[] => [{ action: 'securityhub:GetFindings', resource: hubArn(at) }],
  run: (input, at) => {
    onlyMembers('GetFindings', input, ['Filters', 'SortCriteria', 'NextToken', 'MaxResults']);
    mustBeSubscribed(at);
    const size = input.MaxResults ?? DEFAULT_PAGE;
    if (size < 1 || size > LARGEST_PAGE) throw invalidInput(`Invalid parameter 'MaxResults': ${size}`);
    const matches = matching(input.Filters ?? {}, at.kernel.clock.now());
    const found = [...at.state.findings.values()].filter((finding) => sees(at, finding) && matches(finding));
    const page = pageOf(ordered(found, input.SortCriteria ?? []), input.NextToken, size, () =>
      invalidInput('Invalid token'),
    );
    return { Findings: structuredClone(page.items), NextToken: page.nextToken };
  },
};

type Finding = sdk.AwsSecurityFinding;
type Values = (finding: Finding) => readonly (string | undefined)[];

/** The filters that compare text, with the values they look at. */
const TEXT: Readonly<Record<string, Values>> = {
  AwsAccountId: (finding) => [finding.AwsAccountId],
  ComplianceSecurityControlId: (finding) => [finding.Compliance?.SecurityControlId],
  ComplianceStatus: (finding) => [finding.Compliance?.Status],
  GeneratorId: (finding) => [finding.GeneratorId],
  Id: (finding) => [finding.Id],
  NoteText: (finding) => [finding.Note?.Text],
  NoteUpdatedBy: (finding) => [finding.Note?.UpdatedBy],
  ProductArn: (finding) => [finding.ProductArn],
  ProductName: (finding) => [finding.ProductName],
  RecordState: (finding) => [finding.RecordState],
  Region: (finding) => [finding.Region],
  ResourceId: (finding) => (finding.Resources ?? []).map((resource) => resource.Id),
  ResourceRegion: (finding) => (finding.Resources ?? []).map((resource) => resource.Region),
  ResourceType: (finding) => (finding.Resources ?? []).map((resource) => resource.Type),
  SeverityLabel: (finding) => [finding.Severity?.Label],
  Title: (finding) => [finding.Title],
  Type: (finding) => finding.Types ?? [],
  VerificationState: (finding) => [finding.VerificationState],
  WorkflowStatus: (finding) => [finding.Workflow?.Status],
};

/** The filters that compare time. */
const TIME: Readonly<Record<string, (finding: Finding) => string | undefined>> = {
  CreatedAt: (finding) => finding.CreatedAt,
  FirstObservedAt: (finding) => finding.FirstObservedAt,
  LastObservedAt: (finding) => finding.LastObservedAt,
  NoteUpdatedAt: (finding) => finding.Note?.UpdatedAt,
  UpdatedAt: (finding) => finding.UpdatedAt,
};

/** Different filters are joined by AND. */
function matching(filters: sdk.AwsSecurityFindingFilters, now: number): (finding: Finding) => boolean {
  const tests = Object.entries(filters)
    .filter(([, filter]) => filter !== undefined)
    .map(([name, filter]) => {
      const values = TEXT[name];
      if (values) return textTest(name, filter as sdk.StringFilter[], values);
      const time = TIME[name];
      if (time)
        return (finding: Finding) => (filter as sdk.DateFilter[]).some((range) => within(range, time(finding), now));
      throw notModelled(`the filter ${name} of GetFindings`);
    });
  return (finding) => tests.every((test) => test(finding));
}

const COMPARE: Readonly<Record<string, (value: string, wanted: string) => boolean>> = {
  EQUALS: (value, wanted) => value === wanted,
  PREFIX: (value, wanted) => value.startsWith(wanted),
  CONTAINS: (value, wanted) => value.includes(wanted),
};
const NEGATED: Readonly<Record<string, string>> = {
  NOT_EQUALS: 'EQUALS',
  PREFIX_NOT_EQUALS: 'PREFIX',
  NOT_CONTAINS: 'CONTAINS',
};

/** Of one field, positive filters are joined by OR and negative ones by AND; some don't go together. */
function textTest(name: string, filters: readonly sdk.StringFilter[], values: Values): (finding: Finding) => boolean {
  const used = new Set(filters.map((filter) => filter.Comparison ?? ''));
  for (const comparison of used) {
    if (!(comparison in COMPARE) && !(comparison in NEGATED))
      throw invalidInput(`Invalid comparison of ${name}: ${comparison}`);
  }
  const exclusive = (['CONTAINS', 'NOT_CONTAINS'] as const).some((comparison) => used.has(comparison) && used.size > 1);
  const contradicts = used.has('EQUALS') && (used.has('NOT_EQUALS') || used.has('PREFIX_NOT_EQUALS'));
  if (exclusive || contradicts) throw invalidInput(`Invalid combination of comparisons in the filter ${name}`);
  const positive = filters.filter((filter) => filter.Comparison! in COMPARE);
  const negative = filters.filter((filter) => filter.Comparison! in NEGATED);
  const is = (comparison: string, wanted: string | undefined, finding: Finding) =>
    values(finding).some((value) => value !== undefined && COMPARE[comparison]!(value, wanted ?? ''));
  return (finding) =>
    (positive.length === 0 || positive.some((filter) => is(filter.Comparison!, filter.Value, finding))) &&
    negative.every((filter) => !is(NEGATED[filter.Comparison!]!, filter.Value, finding));
}

const DAY = 86_400_000;

function within({ Start, End, DateRange }: sdk.DateFilter, value: string | undefined, now: number): boolean {
  if (value === undefined) return false;
  const time = Date.parse(value);
  if (DateRange?.Comparison !== undefined && DateRange.Comparison !== 'WITHIN')
    throw notModelled(`date comparison ${DateRange.Comparison}`);
  if (DateRange) return time >= now - (DateRange.Value ?? 0) * DAY && time <= now;
  return (Start === undefined || time >= Date.parse(Start)) && (End === undefined || time <= Date.parse(End));
}

function ordered(findings: Finding[], criteria: readonly sdk.SortCriterion[]): Finding[] {
  const orders = criteria.map(({ Field, SortOrder }) => {
    const value = TIME[Field ?? ''] ?? ((finding: Finding) => TEXT[Field ?? '']?.(finding)[0]);
    if (!TIME[Field ?? ''] && !TEXT[Field ?? '']) throw notModelled(`sorting findings by ${Field}`);
    const sign = SortOrder === 'desc' ? -1 : 1;
    return (a: Finding, b: Finding) => sign * (value(a) ?? '').localeCompare(value(b) ?? '');
  });
  return findings.toSorted((a, b) => orders.map((order) => order(a, b)).find((result) => result !== 0) ?? 0);
}
