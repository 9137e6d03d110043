/** The REST API by which people change things. IAM authorizes each request, by method and path. */
import { CfnOutput, Duration, Validations } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  AuthorizationType,
  CfnAccount,
  type CfnRestApi,
  EndpointType,
  Integration,
  IntegrationType,
  LogGroupLogDestination,
  type Method,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Effect, PolicyDocument, PolicyStatement, StarPrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnPermission, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { API_ROUTES, type ApiRoute } from '../../functions/domain/api.ts';
import type { SutureContext } from '../context.ts';
import { namesIn } from '../names.ts';
import { alarm } from './alarms.ts';
import { encryptedLogGroup } from './function.ts';
import type { KeyPlace } from './key.ts';
import { type Allowance, fixedRole } from './role.ts';

export type ApiOptions = {
  readonly context: SutureContext;
  readonly place: KeyPlace;
  readonly key: IKey;
  readonly topicArn: string;
  readonly functions: Readonly<Record<ApiRoute['to'], Pick<IFunction, 'functionArn'>>>;
};

/** People and scripts send a few requests a second. */
const REQUESTS_PER_SECOND = 50;
const BURST = 100;

export class Api extends Construct {
  constructor(scope: Construct, id: string, options: ApiOptions) {
    super(scope, id);
    const { place, functions, topicArn } = options;
    const api = this.restApi(options);
    const methods = Object.values(API_ROUTES).map(({ method, path, to }) =>
      api.root.resourceForPath(path).addMethod(method, lambdaProxy(functions[to], place)),
    );
    this.permit(api, functions, place);
    acknowledge(api, methods);
    new CfnOutput(this, 'Id', { value: api.restApiId, exportName: namesIn(this).api.id });
    this.addAlarm(topicArn);
  }

  private restApi({ context, key }: ApiOptions): RestApi {
    const { vpcEndpoints, logRole } = context.api;
    const names = namesIn(this);
    const logs = encryptedLogGroup(this, names.apiLogGroup, key);
    const api = new RestApi(this, 'RestApi', {
      restApiName: names.api.name,
      description: 'Suture: starts, undoes, approves, stops and resumes changes',
      endpointConfiguration: { types: [vpcEndpoints ? EndpointType.PRIVATE : EndpointType.REGIONAL] },
      policy: vpcEndpoints && onlyThrough(vpcEndpoints),
      cloudWatchRole: false,
      defaultMethodOptions: { authorizationType: AuthorizationType.IAM },
      deployOptions: {
        stageName: names.api.stage,
        throttlingRateLimit: REQUESTS_PER_SECOND,
        throttlingBurstLimit: BURST,
        tracingEnabled: true,
        accessLogDestination: new LogGroupLogDestination(logs),
        accessLogFormat: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
    });
    if (vpcEndpoints) associate(api, vpcEndpoints);
    if (logRole) api.deploymentStage.node.addDependency(this.logRole());
    return api;
  }

  /** API Gateway has one role for the logs of an account and Region. */
  private logRole(): CfnAccount {
    const { roleArn } = fixedRole(this, 'LogRole', {
      name: 'api-logs',
      description: 'Lets API Gateway write access logs',
      service: 'apigateway.amazonaws.com',
      allows: [LOG_WRITING],
    });
    return new CfnAccount(this, 'Account', { cloudWatchRoleArn: roleArn });
  }

  private permit(api: RestApi, functions: ApiOptions['functions'], { partition, region, account }: KeyPlace): void {
    for (const [name, { functionArn }] of Object.entries(functions)) {
      if (IN_SERVICE_ACCOUNT.has(name)) continue;
      new CfnPermission(this, `MayInvoke-${name}`, {
        action: 'lambda:InvokeFunction',
        functionName: functionArn,
        principal: 'apigateway.amazonaws.com',
        sourceArn: `arn:${partition}:execute-api:${region}:${account}:${api.restApiId}/${namesIn(this).api.stage}/*`,
      });
    }
  }

  private addAlarm(topicArn: string): void {
    const { name: ApiName, stage: Stage } = namesIn(this).api;
    alarm(this, 'Errors', {
      name: 'api-gateway-errors',
      metric: new Metric({
        namespace: 'AWS/ApiGateway',
        metricName: '5XXError',
        dimensionsMap: { ApiName, Stage },
        statistic: 'Sum',
        period: Duration.minutes(5),
      }),
      means: 'Requests of people failed in the API or in its functions. The command that failed can be run again.',
      topicArn,
    });
  }
}

/** The stack of these functions permits the API to invoke them. */
const IN_SERVICE_ACCOUNT: ReadonlySet<string> = new Set(['account-doctor'] satisfies ApiRoute['to'][]);

/** The fields of a line: signer, route, source and status, never a body. */
const ACCESS_LOG = {
  at: '$context.requestTime',
  by: '$context.identity.userArn',
  from: '$context.identity.sourceIp',
  method: '$context.httpMethod',
  path: '$context.path',
  status: '$context.status',
  error: '$context.error.message',
  request: '$context.requestId',
};

const lambdaProxy = ({ functionArn }: Pick<IFunction, 'functionArn'>, { partition, region }: KeyPlace) =>
  new Integration({
    type: IntegrationType.AWS_PROXY,
    integrationHttpMethod: 'POST',
    uri: `arn:${partition}:apigateway:${region}:lambda:path/2015-03-31/functions/${functionArn}/invocations`,
  });

/**
 * Denies requests that do not come through the endpoints. Allows nothing, so that people still need their own
 * permissions.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
 */
const onlyThrough = (vpcEndpoints: readonly string[]) =>
  new PolicyDocument({
    statements: [
      new PolicyStatement({
        effect: Effect.DENY,
        principals: [new StarPrincipal()],
        actions: ['execute-api:Invoke'],
        resources: ['execute-api:/*'],
        conditions: { StringNotEquals: { 'aws:SourceVpce': [...vpcEndpoints] } },
      }),
    ],
  });

const LOG_WRITING: Allowance = {
  actions: [
    'logs:CreateLogGroup',
    'logs:CreateLogStream',
    'logs:DescribeLogGroups',
    'logs:DescribeLogStreams',
    'logs:FilterLogEvents',
    'logs:GetLogEvents',
    'logs:PutLogEvents',
  ],
  on: '*',
  because: 'The role serves every API of the account, and API Gateway refuses a role that may do less',
};

const associate = (api: RestApi, vpcEndpointIds: readonly string[]): void =>
  (api.node.defaultChild as CfnRestApi).addPropertyOverride('EndpointConfiguration.VpcEndpointIds', vpcEndpointIds);

function acknowledge(api: RestApi, methods: readonly Method[]): void {
  const accept = (construct: Construct, id: string, reason: string) =>
    Validations.of(construct).acknowledge({ id: `AwsSolutions-${id}`, reason });
  accept(api, 'APIG2', 'The functions check each body against its schema, and answer with every problem');
  accept(api.deploymentStage, 'APIG3', 'IAM authorizes each request before a function runs, and the stage throttles');
  accept(api.deploymentStage, 'APIG6', 'Access logs have who did what; execution logs would contain bodies');
  for (const method of methods) accept(method, 'COG4', 'IAM authorizes people, under their own names');
}
