/**
 * The rules of each place: which events it gets, and the body of its requests. No code runs between event and place, so a
 * template takes nothing but plain texts, and bodies in the form of the place that a function of Suture composed.
 */
import type { CfnRule } from 'aws-cdk-lib/aws-events';
import { SOURCE } from '../../functions/domain/events.ts';
import {
  CLOSING_KINDS,
  COMMENTING_KINDS,
  MESSAGE_SEVERITIES,
  type MessageSeverity,
  OPENING_KINDS,
  REOPENING_KINDS,
  type TicketAction,
} from '../../functions/domain/message-kinds.ts';
import type { MessageEventName } from '../../functions/domain/owner-message.ts';
import { ownerName, type PlaceContext, type PlaceOf } from './context.ts';

export type PlaceRule = {
  /** Such as `open`; with the place's name, the name of the rule. */
  readonly name: string;
  readonly pattern: object;
  readonly input: CfnRule.InputTransformerProperty;
};

type TicketPlace = PlaceOf<'jira'> | PlaceOf<'servicenow'> | PlaceOf<'pagerduty'>;

const OWNER_MESSAGE: MessageEventName = 'suture.owner.message.v1';
const TEST: MessageEventName = 'suture.message.test.v1';
const AGAIN: MessageEventName = 'suture.message.again.v1';
const finding = (kinds: readonly string[]): string[] => kinds.map((kind) => `suture.finding.${kind}.v1`);

export function placeRules(name: string, place: PlaceContext): PlaceRule[] {
  switch (place.kind) {
    case 'slack':
      return [{ name: 'messages', pattern: chatPattern(name, place), input: slackInput() }];
    case 'teams':
      return [{ name: 'messages', pattern: chatPattern(name, place), input: teamsInput() }];
    case 'jira':
      return ticketRules(name, place, (action) => [{ input: jiraInput(action) }]);
    case 'servicenow':
      return ticketRules(name, place, (action) => serviceNowVariants(place, action));
    case 'pagerduty':
      return ticketRules(name, place, (action) => pagerDutyVariants(place, action));
  }
}

/** Matches a person's test: it takes the rule of the messages that it tests. */
const testOf = (place: string, action: TicketAction): object => ({
  'detail-type': [TEST],
  detail: { place: { name: [place] }, action: [action] },
});

/**
 * Matches a dead letter that is sent again: it takes its former rule alone, whose template has the action's constants.
 */
const againBy = (place: string, rule: string): object => ({
  'detail-type': [AGAIN],
  detail: { again: { place: [place], rule: [rule] } },
});

const chatPattern = (name: string, place: PlaceOf<'slack'> | PlaceOf<'teams'>): object => {
  const to = ownerName(name, place);
  const message = {
    'detail-type': [OWNER_MESSAGE],
    detail: {
      kind: place.kinds,
      severity: place.severities,
      place: { kind: [place.kind], ...(to !== undefined && { to: [to] }) },
    },
  };
  return { source: [SOURCE], $or: [message, testOf(name, 'open')] };
};

const slackInput = (): CfnRule.InputTransformerProperty => ({
  inputPathsMap: { to: '$.detail.place.to', headline: '$.detail.headline', body: '$.detail.body' },
  // Slack shows the text in notifications, and the blocks in the channel.
  inputTemplate:
    '{"channel": <to>, "text": <headline>, "blocks": <body>, "unfurl_links": false, "unfurl_media": false}',
});

const teamsInput = (): CfnRule.InputTransformerProperty => ({
  inputPathsMap: { body: '$.detail.body' },
  inputTemplate: JSON.stringify({
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: '<body>',
        },
      },
    ],
  }).replace('"<body>"', '<body>'),
});

/** One of the rules of an action, which differ in the constants of their templates. */
type Variant = {
  readonly suffix?: string;
  /** Further conditions on the detail. */
  readonly detail?: object;
  /** Default: true. One variant of an action takes tests. */
  readonly takesTests?: boolean;
  readonly input: CfnRule.InputTransformerProperty;
};

function ticketRules(
  name: string,
  place: TicketPlace,
  variants: (action: TicketAction) => readonly Variant[],
): PlaceRule[] {
  const kinds: Readonly<Record<TicketAction, readonly string[]>> = {
    // A resolved alert of PagerDuty is not opened again: the same trigger opens another.
    open: place.kind === 'pagerduty' ? [...place.kinds, ...REOPENING_KINDS] : place.kinds,
    comment: [...COMMENTING_KINDS, ...OPENING_KINDS.filter((kind) => !place.kinds.includes(kind))],
    close: CLOSING_KINDS,
    reopen: REOPENING_KINDS,
  };
  return (Object.keys(kinds) as TicketAction[]).flatMap((action) =>
    variants(action).map(({ suffix, detail = {}, takesTests = true, input }) => {
      const conditions = deepMerge(conditionsOf(name, place, action), detail);
      const event = {
        'detail-type': finding(kinds[action]),
        // EventBridge refuses an empty object.
        ...(Object.keys(conditions).length > 0 && { detail: conditions }),
      };
      const ruleName = suffix === undefined ? action : `${action}-${suffix}`;
      return {
        name: ruleName,
        pattern: {
          source: [SOURCE],
          $or: [event, ...(takesTests ? [testOf(name, action)] : []), againBy(name, ruleName)],
        },
        input,
      };
    }),
  );
}

/** Only `open` has the severity as a condition: a ticket gets its further events even if the severity changes. */
function conditionsOf(name: string, place: TicketPlace, action: TicketAction): object {
  const to = ownerName(name, place);
  const own = [...(to === undefined ? [{ exists: true }] : [to]), ...(place.default ? [{ exists: false }] : [])];
  const always = to === undefined && place.default;
  return {
    ...(action === 'open' && place.severities.length < MESSAGE_SEVERITIES.length
      ? { finding: { severity: place.severities } }
      : {}),
    ...(always ? {} : { message: { places: { [place.kind]: own } } }),
  };
}

const deepMerge = (one: object, other: object): object => ({
  ...one,
  ...Object.fromEntries(
    Object.entries(other).map(([key, value]) => {
      const own = (one as Record<string, unknown>)[key];
      return [key, typeof own === 'object' && own !== null && !Array.isArray(own) ? deepMerge(own, value) : value];
    }),
  ),
});

/** All of them are plain: they have neither quotation marks nor backslashes. */
const TEXTS: Readonly<Record<string, string>> = {
  ticket: '$.detail.message.ticket',
  headline: '$.detail.message.headline',
  title: '$.detail.message.title',
  resource: '$.detail.message.resource',
  summary: '$.detail.message.summary',
  patch: '$.detail.message.patch',
  severity: '$.detail.message.severity',
  dueBy: '$.detail.dueBy',
  at: '$.detail.at',
};

/** Returns the input with the texts that `body` names, such as `<dueBy>`: an empty text if the event has none. */
const textInput = (body: object, more: Readonly<Record<string, string>> = {}): CfnRule.InputTransformerProperty => {
  const template = JSON.stringify(body);
  const paths = Object.entries({ ...TEXTS, ...more }).filter(([name]) => template.includes(`<${name}>`));
  return { inputPathsMap: Object.fromEntries(paths), inputTemplate: template };
};

/** https://support.atlassian.com/cloud-automation/docs/jira-automation-triggers/ */
const jiraInput = (action: TicketAction) =>
  textInput({
    action,
    ticket: '<ticket>',
    severity: '<severity>',
    headline: '<headline>',
    title: '<title>',
    resource: '<resource>',
    summary: '<summary>',
    patch: '<patch>',
    dueBy: '<dueBy>',
    at: '<at>',
  });

/** Only a new ticket needs a group: the owner's, or the place's. */
function serviceNowVariants({ group, ...place }: PlaceOf<'servicenow'>, action: TicketAction): Variant[] {
  if (action !== 'open') return [{ input: serviceNowInput(action, '') }];
  const places = (exists: boolean) => ({ message: { places: { servicenow: [{ exists }] } } });
  return [
    {
      suffix: 'owned',
      takesTests: false,
      detail: places(true),
      input: serviceNowInput(action, '<group>', { group: '$.detail.message.places.servicenow' }),
    },
    ...(place.default ? [{ detail: places(false), input: serviceNowInput(action, group) }] : []),
  ];
}

/** https://www.servicenow.com/docs/r/yokohama/api-reference/rest-apis/c_ImportSetAPI.html */
const serviceNowInput = (action: TicketAction, group: string, more?: Readonly<Record<string, string>>) =>
  textInput(
    {
      u_action: action,
      u_correlation_id: '<ticket>',
      u_severity: '<severity>',
      u_short_description: '<headline>',
      u_title: '<title>',
      u_resource: '<resource>',
      u_summary: '<summary>',
      u_patch: '<patch>',
      u_due_by: '<dueBy>',
      u_at: '<at>',
      u_assignment_group: group,
    },
    more,
  );

const PAGERDUTY_SEVERITIES: Readonly<Record<string, readonly MessageSeverity[]>> = {
  critical: ['CRITICAL'],
  error: ['HIGH'],
  warning: ['MEDIUM'],
  info: ['LOW', 'INFORMATIONAL'],
};

/**
 * PagerDuty adds a trigger to the log of an open alert, and opens another alert if it is resolved. An event that opens
 * no ticket acknowledges the alert, because it says that somebody handles the finding, such as an approver.
 * https://developer.pagerduty.com/docs/send-alert-event
 */
function pagerDutyVariants({ severities }: PlaceOf<'pagerduty'>, action: TicketAction): Variant[] {
  if (action === 'close') return [{ input: pagerDutyInput('resolve') }];
  if (action === 'comment') return [{ input: pagerDutyInput('acknowledge') }];
  if (action === 'reopen') return [];
  const levels = Object.entries(PAGERDUTY_SEVERITIES)
    .map(([level, labels]) => [level, labels.filter((label) => severities.includes(label))] as const)
    .filter(([, labels]) => labels.length > 0);
  return levels.map(([level, labels], index) => ({
    suffix: level,
    takesTests: index === levels.length - 1,
    detail: { finding: { severity: labels } },
    input: pagerDutyInput('trigger', level),
  }));
}

const pagerDutyInput = (event_action: 'trigger' | 'acknowledge' | 'resolve', severity = 'info') =>
  textInput({
    event_action,
    dedup_key: '<ticket>',
    client: 'Suture',
    payload: {
      summary: '<headline>',
      source: 'Suture',
      severity,
      timestamp: '<at>',
      component: '<resource>',
      custom_details: { title: '<title>', summary: '<summary>', patch: '<patch>', dueBy: '<dueBy>' },
    },
  });
