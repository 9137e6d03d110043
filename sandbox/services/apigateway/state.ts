import type { IamPolicy } from '../../authorization/policy.ts';
import type { At, AwsPlace, StateKey } from '../../kernel/kernel.ts';

export type ApiResource = { readonly id: string; readonly parent?: string; readonly pathPart: string };

/** Calls a Lambda function with the proxy event, for callers that IAM allows. */
export type ApiMethod = { readonly resource: string; readonly httpMethod: string; readonly uri: string };

/** An immutable copy of an API's resources, methods and policy. */
export type ApiDeployment = {
  readonly id: string;
  readonly resources: ReadonlyMap<string, ApiResource>;
  readonly methods: ReadonlyMap<string, ApiMethod>;
  readonly policy?: IamPolicy;
};

export type ApiThrottle = { readonly rate: number; readonly burst: number };

export type ApiStage = {
  readonly name: string;
  readonly deployment: string;
  readonly throttle?: ApiThrottle;
  readonly accessLog?: { readonly groupArn: string; readonly format: string };
};

export type RestApi = {
  readonly id: string;
  readonly place: AwsPlace;
  readonly rootId: string;
  readonly createdAt: number;
  name: string;
  description?: string;
  policy?: IamPolicy;
  type: 'REGIONAL' | 'PRIVATE';
  vpcEndpoints: readonly string[];
  readonly resources: Map<string, ApiResource>;
  /** By `<resource id> <HTTP method>`. */
  readonly methods: Map<string, ApiMethod>;
  readonly deployments: Map<string, ApiDeployment>;
  readonly stages: Map<string, ApiStage>;
  /** Access log lines of all stages, oldest first. */
  readonly accessLines: { readonly at: number; readonly group: string; readonly line: string }[];
};

export type ApiGatewayState = {
  readonly apis: Map<string, RestApi>;
  /** By account and Region: the role that writes access logs. */
  readonly logRoles: Map<string, string>;
};
export type ApiGatewayAt = At<ApiGatewayState>;

/** One state for all, because a request names only the API's id. */
export const API_GATEWAY: StateKey<ApiGatewayState> = {
  name: 'apigateway',
  scope: 'partition',
  state: () => ({ apis: new Map(), logRoles: new Map() }),
};

export const placeName = ({ account, region }: Pick<AwsPlace, 'account' | 'region'>): string => `${account} ${region}`;
