/** REST APIs whose methods call Lambda functions, for callers that IAM allows. */
import * as sdk from '@aws-sdk/client-api-gateway';
import { generated } from '../../kernel/comparison.ts';
import { AwsError, defineService, type Service } from '../../kernel/kernel.ts';
import { locateByName } from '../locate.ts';
import { onlyMembers, pageOf } from '../requests.ts';
import { apiGatewayResources } from './resources.ts';
import { API_GATEWAY, type ApiGatewayState, type RestApi } from './state.ts';

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
const PAGE_SIZE = 25;

export const apigateway: Service<typeof sdk, ApiGatewayState> = defineService<typeof sdk, ApiGatewayState>({
  ...API_GATEWAY,
  sdk,
  client: sdk.APIGatewayClient,
  prefix: 'apigateway',
  throttling: { code: 'TooManyRequestsException', status: 429 },
  denial: { code: 'AccessDeniedException', status: 403 },
  comparable: ({ apis, logRoles }) => ({
    apis: new Map([...apis].map(([id, api]) => [id, comparableApi(api)])),
    logRoles,
  }),
  locate: locateByName({ '/restapis/': 'apis' }),
  operations: {
    // IAM knows API Gateway's operations by their HTTP methods.
    GetRestApis: {
      needs: (_input, { partition, region }) => [
        { action: 'apigateway:GET', resource: `arn:${partition}:apigateway:${region}::/restapis` },
      ],
      run(input, { state, account, region }) {
        onlyMembers('GetRestApis', input, ['limit', 'position']);
        const own = [...state.apis.values()].filter(
          ({ place }) => place.account === account && place.region === region,
        );
        const { items, nextToken } = pageOf(own, input.position, input.limit ?? PAGE_SIZE, invalidPosition);
        return { items: items.map(describeApi), position: nextToken };
      },
    },
  },
  resources: apiGatewayResources,
});

const invalidPosition = () => new AwsError('BadRequestException', 'Invalid position parameter');

const describeApi = ({
  id,
  name,
  description,
  createdAt,
  type,
  vpcEndpoints,
  policy,
  rootId,
}: RestApi): sdk.RestApi => ({
  id,
  name,
  description,
  createdDate: new Date(createdAt),
  endpointConfiguration: { types: [type], ...(vpcEndpoints.length > 0 && { vpcEndpointIds: [...vpcEndpoints] }) },
  rootResourceId: rootId,
  ...(policy && { policy: JSON.stringify(policy) }),
});

const comparableApi = ({ createdAt, accessLines, ...api }: RestApi) => ({
  ...api,
  progress: generated({ createdAt, accessLines }),
});
