import { AwsError } from '../kernel/kernel.ts';
import type { OperationModel, Protocol, ServiceModel } from './model.ts';
import type { ParsedRequest } from './request.ts';
import { matchRoute } from './routes.ts';

export type RecognisedRequest = {
  readonly model: ServiceModel;
  readonly operation: OperationModel;
  readonly protocol: Protocol;
  readonly labels: Readonly<Record<string, string>>;
};

/**
 * @throws AwsError `NotModelled` for a service that the sandbox does not have, `UnknownOperationException` for an
 * operation that AWS does not have
 */
export function recognise(request: ParsedRequest, models: readonly ServiceModel[]): RecognisedRequest {
  const protocol = protocolOf(request, models);
  const [target, name] = targetOf(request, protocol);
  if (name === undefined) return recogniseRoute(request, models);
  const model = serviceOf(request, protocol, target, models);
  if (!model) throw noSuchService(target ?? request.signingName ?? 'unnamed', name);
  const operation = model.operations.get(name);
  if (!operation) throw noSuchOperation(model, name);
  return { model, operation, protocol, labels: {} };
}

export function protocolOf(request: ParsedRequest, models: readonly ServiceModel[]): Protocol {
  const { headers, form, signingName } = request;
  if (headers['smithy-protocol'] === 'rpc-v2-cbor') return 'rpcv2Cbor';
  if (headers['x-amz-target']) return headers['content-type']?.includes('json-1.0') ? 'awsJson1_0' : 'awsJson1_1';
  if (form?.has('Action'))
    return serviceOf(request, 'awsQuery', undefined, models)?.protocol === 'ec2Query' ? 'ec2Query' : 'awsQuery';
  const rest = models.find((model) => model.signingName === signingName && model.protocol.startsWith('rest'));
  return rest?.protocol ?? (REST_XML_SERVICES.includes(signingName ?? '') ? 'restXml' : 'restJson1');
}

/** Services that the sandbox may lack, whose clients read errors as XML. */
const REST_XML_SERVICES: readonly string[] = ['s3', 'cloudfront', 'route53'];

/** Returns the service's target and the operation, as far as the request names them. */
function targetOf({ headers, form, path }: ParsedRequest, protocol: Protocol): [target?: string, operation?: string] {
  switch (protocol) {
    case 'rpcv2Cbor':
      return [/\/service\/([^/]+)\//.exec(path)?.[1], /\/operation\/([^/]+)$/.exec(path)?.[1]];
    case 'awsJson1_0':
    case 'awsJson1_1':
      // Some SDKs send a longer target: com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents.
      return headers['x-amz-target']!.split('.').slice(-2) as [string, string];
    case 'awsQuery':
    case 'ec2Query':
      return [undefined, form!.get('Action')![0]];
    default:
      return [];
  }
}

function serviceOf(
  { form, signingName }: ParsedRequest,
  protocol: Protocol,
  target: string | undefined,
  models: readonly ServiceModel[],
): ServiceModel | undefined {
  if (protocol !== 'awsQuery' && protocol !== 'ec2Query') return models.find((model) => model.target === target);
  // The API's version identifies the service of unsigned requests (AssumeRoleWithWebIdentity), and of two services that
  // share a name: elasticloadbalancing is Classic (2012-06-01) and v2.
  const version = form?.get('Version')?.[0];
  return models.find(
    (model) =>
      (!signingName || model.signingName === signingName) && (version === undefined || model.version === version),
  );
}

function recogniseRoute(request: ParsedRequest, models: readonly ServiceModel[]): RecognisedRequest {
  const { method, path, signingName } = request;
  if (!signingName) throw new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
  const candidates = models.filter((model) => model.signingName === signingName);
  if (candidates.length === 0) throw noSuchService(signingName, `${method} ${path}`);
  const match = matchRoute(candidates, request);
  if (!match) throw noSuchOperation(candidates[0]!, `${method} ${path}`);
  return { ...match, protocol: match.model.protocol };
}

const noSuchService = (service: string, operation: string) =>
  new AwsError(
    'NotModelled',
    `The sandbox has no service ${service} (requested: ${operation}). Add it below sandbox/services: npm run new:service`,
    501,
  );

const noSuchOperation = (model: ServiceModel, operation: string) =>
  new AwsError('UnknownOperationException', `${model.name} has no operation ${operation}`, 404);
