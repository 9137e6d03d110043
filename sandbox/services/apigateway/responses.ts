/** https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html */
import { AwsError } from '../../kernel/kernel.ts';
import type { RestResponse } from './call.ts';

/** An answer of API Gateway itself. Authorization failures spell the member `Message`. */
export class ApiError extends Error {
  readonly status: number;
  readonly type: string;
  readonly member: 'message' | 'Message';
  constructor(status: number, type: string, message: string, member: 'message' | 'Message' = 'message') {
    super(message);
    this.status = status;
    this.type = type;
    this.member = member;
  }
}

/** API Gateway's names of STS's errors. */
const CODES: Readonly<Record<string, string>> = {
  InvalidClientTokenId: 'UnrecognizedClientException',
  ExpiredToken: 'ExpiredTokenException',
};

/** @throws the error unless it is one that API Gateway answers */
export function errorResponse(error: unknown, requestId: string): RestResponse {
  if (error instanceof ApiError) {
    const { status, type, member, message } = error;
    return response(status, { 'x-amzn-errortype': type }, JSON.stringify({ [member]: message }), requestId);
  }
  if (!(error instanceof AwsError)) throw error;
  const { status, code, message } = error;
  return response(status, { 'x-amzn-errortype': CODES[code] ?? code }, JSON.stringify({ message }), requestId);
}

/** @throws ApiError 502 if the function's result is not in the form of a proxy's */
export function proxyResponse(result: unknown, requestId: string): RestResponse {
  if (!isProxyResult(result)) throw new ApiError(502, 'InternalServerErrorException', 'Internal server error');
  const { statusCode, headers = {}, body = '', isBase64Encoded } = result;
  if (isBase64Encoded)
    throw new AwsError('NotModelled', 'The sandbox does not model binary answers of REST APIs.', 501);
  const own = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return response(Number(statusCode), Object.fromEntries(own), body ?? '', requestId);
}

type ProxyResult = {
  readonly statusCode: number | string;
  readonly headers?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
};
const MEMBERS: ReadonlySet<string> = new Set(['statusCode', 'headers', 'multiValueHeaders', 'body', 'isBase64Encoded']);

function isProxyResult(result: unknown): result is ProxyResult {
  if (typeof result !== 'object' || result === null) return false;
  const { statusCode, body } = result as { statusCode?: unknown; body?: unknown };
  const isStatus = /^[1-5]\d\d$/.test(String(statusCode));
  return (
    isStatus && (body == null || typeof body === 'string') && Object.keys(result).every((name) => MEMBERS.has(name))
  );
}

const response = (
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
  requestId: string,
): RestResponse => ({
  status,
  headers: { 'content-type': 'application/json', ...headers, 'x-amzn-requestid': requestId },
  body: Buffer.from(body),
});
