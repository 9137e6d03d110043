/** The optional stack of messages and tickets. */
import { describe, expect, it } from 'vitest';
import { parseContext } from '../../stacks/context.ts';
import { resourcesOf, SAMPLE_CONTEXT, SECURITY_ACCOUNT, synthesizeTemplates } from './templates.ts';

const SECRET = `arn:aws:secretsmanager:eu-west-1:${SECURITY_ACCOUNT}:secret:suture/jira-a1b2c3`;
const WEBHOOK =
  'https://prod-1.westeurope.logic.azure.com:443/workflows/w/triggers/manual/paths/invoke?api-version=1&sp=%2Ft';
const PLACES = {
  chat: { kind: 'slack', secret: 'suture/slack', severities: ['CRITICAL', 'HIGH'], kinds: ['told'] },
  shop: { kind: 'teams', secret: 'suture/teams', webhook: WEBHOOK, perSecond: 4 },
  tickets: {
    kind: 'jira',
    secret: SECRET,
    webhook: 'https://api-private.atlassian.com/automation/webhooks/jira/a/c/r',
    to: 'SHOP',
    default: false,
  },
  desk: { kind: 'servicenow', secret: 'suture/now', instance: 'https://example.service-now.com', group: 'Cloud' },
  night: { kind: 'pagerduty', secret: 'suture/pager', secretVersion: '0'.repeat(32), severities: ['CRITICAL', 'LOW'] },
};
const contextWith = (messages: unknown, more: object = {}) => parseContext({ ...SAMPLE_CONTEXT, messages, ...more });

describe('the context', () => {
  const place = (more: object) => ({ places: { night: { ...PLACES.night, ...more } } });
  it.each<[string, unknown, string]>([
    ['another key', { chats: {} }, 'messages.chats: no such key; there are places, mail'],
    ['another kind', place({ kind: 'fax' }), 'places.night.kind is "fax": expected slack, teams'],
    [
      'no secret',
      { places: { chat: { kind: 'slack' } } },
      'places.chat.secret is missing: expected the name or the ARN',
    ],
    [
      'a secret in it',
      place({ secret: 'xoxb-1 2' }),
      'places.night.secret is "xoxb-1 2": expected the name or the ARN',
    ],
    ['a key of another kind', place({ webhook: WEBHOOK }), 'places.night.webhook: no such key; there are kind, secret'],
    ['another severity', place({ severities: ['BAD'] }), 'places.night.severities.0 is "BAD": expected CRITICAL, HIGH'],
    ['another event', place({ kinds: ['fixed'] }), 'places.night.kinds.0 is "fixed": expected notified, waiting'],
    ['a rate of none', place({ perSecond: 0 }), 'places.night.perSecond is 0: expected a whole number from 1 to 300'],
    ['a name with capitals', { places: { Night: PLACES.night } }, 'places.Night: expected a name of up to 20'],
    [
      'a signature in a webhook',
      { places: { shop: { ...PLACES.shop, webhook: `${WEBHOOK}&sig=secret` } } },
      'which is a secret: put it into the secret as "sig"',
    ],
    [
      'a webhook whose path is its secret',
      { places: { t: { ...PLACES.tickets, webhook: 'https://automation.atlassian.com/pro/hooks/abc' } } },
      'the path of this one is the secret',
    ],
    [
      'two places of one name',
      { places: { a: { ...PLACES.tickets }, b: { ...PLACES.tickets } } },
      'places.b.to: another',
    ],
    ['an address that is none', { mail: ['shop'] }, 'messages.mail.0 is "shop": expected an address'],
  ])('refuses %s', (_, messages, problem) => {
    expect(() => contextWith(messages)).toThrow(problem);
  });

  it('refuses a Region that may lack API destinations', () => {
    const trial = { homeRegion: 'mx-central-1', regions: ['mx-central-1'], trial: true };
    expect(() => contextWith({ places: { night: PLACES.night } }, trial)).toThrow(
      'context.suture.messages cannot be used in mx-central-1',
    );
  });
});

const { template, templates } = synthesizeTemplates(
  [],
  contextWith({ places: PLACES, mail: ['shop@example.com'] }, { prefix: 'staging' }),
);
const stack = template('StagingMessages');
const rules = resourcesOf(stack, 'AWS::Events::Rule').map(({ Properties }) => Properties);
const ruleNamed = (name: string) => rules.find(({ Name }) => Name === `staging-messages-${name}`);

describe('the stack', () => {
  it('is there only if the context has places or mail', () => {
    expect(synthesizeTemplates([], SAMPLE_CONTEXT).templates.has('SutureMessages')).toBe(false);
    expect(synthesizeTemplates([], contextWith({})).templates.has('SutureMessages')).toBe(false);
  });

  it('has references to secrets, never the secrets', () => {
    const connections = resourcesOf(stack, 'AWS::Events::Connection').map(({ Properties }) => Properties);
    const references = JSON.stringify(connections).match(/\{\{resolve:[^}]*\}\}/g);
    expect(references).toEqual([
      '{{resolve:secretsmanager:suture/slack:SecretString:token::}}',
      '{{resolve:secretsmanager:suture/teams:SecretString:sig::}}',
      `{{resolve:secretsmanager:${SECRET}:SecretString:token::}}`,
      '{{resolve:secretsmanager:suture/now:SecretString:password::}}',
      '{{resolve:secretsmanager:suture/now:SecretString:username::}}',
      `{{resolve:secretsmanager:suture/pager:SecretString:routingKey::${'0'.repeat(32)}}}`,
    ]);
    const values = connections.flatMap(({ AuthParameters: { InvocationHttpParameters: http = {} } }) =>
      [...(http.QueryStringParameters ?? []), ...(http.BodyParameters ?? [])].map(({ Key, IsValueSecret }) => [
        Key,
        IsValueSecret,
      ]),
    );
    expect(values).toEqual([
      ['api-version', false],
      ['sp', false],
      ['sig', true],
      ['routing_key', true],
    ]);
  });

  it('sends at the rates of the places', () => {
    const destinations = resourcesOf(stack, 'AWS::Events::ApiDestination').map(({ Properties }) => Properties);
    expect(destinations.map((each) => [each.Name, each.InvocationRateLimitPerSecond, each.InvocationEndpoint])).toEqual(
      [
        ['staging-messages-chat', 1, 'https://slack.com/api/chat.postMessage'],
        [
          'staging-messages-shop',
          4,
          'https://prod-1.westeurope.logic.azure.com/workflows/w/triggers/manual/paths/invoke',
        ],
        ['staging-messages-tickets', 2, 'https://api-private.atlassian.com/automation/webhooks/jira/a/c/r'],
        ['staging-messages-desk', 5, 'https://example.service-now.com/api/now/import/u_suture_findings'],
        ['staging-messages-night', 2, 'https://events.pagerduty.com/v2/enqueue'],
      ],
    );
  });

  it('lets the rules of a place, and nobody else, send to its destination', () => {
    const roles = resourcesOf(stack, 'AWS::IAM::Role').map(({ Properties }) => Properties);
    const role = roles.find(({ RoleName }) => RoleName === 'staging-messages-night');
    const [{ Action, Resource }] = role.Policies[0].PolicyDocument.Statement;
    expect(Action).toBe('events:InvokeApiDestination');
    expect(JSON.stringify(Resource)).toMatch(/^\{"Fn::GetAtt":\["PlacenightDestination\w*","Arn"\]\}$/);
    expect(role.AssumeRolePolicyDocument.Statement[0].Condition).toEqual({
      StringEquals: { 'aws:SourceAccount': SECURITY_ACCOUNT },
      ArnLike: {
        'aws:SourceArn': `arn:aws:events:eu-west-1:${SECURITY_ACCOUNT}:rule/staging/staging-messages-night-*`,
      },
    });
  });

  it('has a dead-letter queue, and alarms on it and on failed invocations, for each place', () => {
    const alarms = resourcesOf(stack, 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties);
    for (const place of Object.keys(PLACES)) {
      const failed = alarms.find(({ AlarmName }) => AlarmName === `staging-messages-${place}-failed`);
      expect(failed.Metrics.length).toBeLessThanOrEqual(10);
      expect(alarms.map(({ AlarmName }) => AlarmName)).toContain(`staging-messages-${place}-dlq`);
      const own = rules.filter(({ Name }) => Name.startsWith(`staging-messages-${place}-`));
      expect(own.length).toBeGreaterThan(0);
      for (const { Targets } of own)
        expect(JSON.stringify(Targets[0].DeadLetterConfig)).toContain(`Place${place}DeadLetters`);
    }
    expect(new Set(alarms.map(({ AlarmActions }) => JSON.stringify(AlarmActions))).size).toBe(1);
  });

  it('fills templates only with plain texts and bodies', () => {
    const allowed = /^\$\.detail\.(message\.|dueBy$|at$|headline$|body$|place\.to$)/;
    for (const { Name, Targets } of rules.filter(({ EventPattern }) => EventPattern)) {
      const { InputPathsMap, InputTemplate } = Targets[0].InputTransformer;
      for (const path of Object.values(InputPathsMap)) expect(path, Name).toMatch(allowed);
      const placeholders = [...InputTemplate.matchAll(/<(\w+)>/g)].map(([, name]) => name);
      expect(placeholders.sort(), Name).toEqual(Object.keys(InputPathsMap).sort());
      expect(() => JSON.parse(InputTemplate.replace(/"<\w+>"|<\w+>/g, '""')), Name).not.toThrow();
    }
  });

  it('opens tickets for the kinds and severities of the place, and closes them for all', () => {
    expect(
      rules.map(({ Name }) => Name.replace('staging-messages-', '')).filter((name) => name.startsWith('night')),
    ).toEqual(['night-open-critical', 'night-open-info', 'night-comment', 'night-close']);
    expect(ruleNamed('night-open-critical').EventPattern.$or[0]).toMatchObject({
      'detail-type': [
        'suture.finding.failed.v1',
        'suture.finding.unresolved.v1',
        'suture.finding.reopened.v1',
        'suture.finding.rolled-back.v1',
      ],
      detail: { finding: { severity: ['CRITICAL'] }, message: { places: { pagerduty: ['night', { exists: false }] } } },
    });
    const [close, test, again] = ruleNamed('tickets-close').EventPattern.$or;
    expect(close.detail).toEqual({ message: { places: { jira: ['SHOP'] } } });
    expect(close['detail-type']).toEqual(['fixed', 'compliant', 'archived'].map((kind) => `suture.finding.${kind}.v1`));
    expect(test).toEqual({
      'detail-type': ['suture.message.test.v1'],
      detail: { place: { name: ['tickets'] }, action: ['close'] },
    });
    expect(again).toEqual({
      'detail-type': ['suture.message.again.v1'],
      detail: { again: { place: ['tickets'], rule: ['close'] } },
    });
    const [chat] = ruleNamed('chat-messages').EventPattern.$or;
    expect(chat.detail).toEqual({ kind: ['told'], severity: ['CRITICAL', 'HIGH'], place: { kind: ['slack'] } });
    const [team] = ruleNamed('shop-messages').EventPattern.$or;
    expect(team.detail.place).toEqual({ kind: ['teams'], to: ['shop'] });
  });

  it('sends each owner only the mail for its address', () => {
    const [subscription] = resourcesOf(stack, 'AWS::SNS::Subscription');
    expect(subscription!.Properties).toMatchObject({
      Protocol: 'email',
      Endpoint: 'shop@example.com',
      FilterPolicy: { to: ['shop@example.com'] },
    });
  });

  it('passes the places to the API without secrets, and allows it to publish only tests and dead letters', () => {
    const functions = resourcesOf(templates.get('StagingSecurity')!, 'AWS::Lambda::Function');
    const api = functions.find(({ Properties }) => Properties.FunctionName === 'staging-api');
    const places = JSON.parse(api!.Properties.Environment.Variables.MESSAGE_PLACES);
    expect(places.map(({ name, to }: any) => [name, to])).toEqual([
      ['chat', undefined],
      ['shop', 'shop'],
      ['tickets', 'SHOP'],
      ['desk', undefined],
      ['night', 'night'],
    ]);
    expect(JSON.stringify(places)).not.toContain('suture/');
    const roles = resourcesOf(templates.get('StagingSecurity')!, 'AWS::IAM::Role');
    const role = roles.find(({ Properties }) => Properties.RoleName === 'staging-api');
    const puts = role!.Properties.Policies[0].PolicyDocument.Statement.filter(
      ({ Action }: any) => Action === 'events:PutEvents',
    );
    expect(puts.map(({ Condition }: any) => Condition)).toEqual([
      { StringEquals: { 'events:detail-type': ['suture.message.test.v1', 'suture.message.again.v1'] } },
    ]);
  });
});
