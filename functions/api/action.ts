import type * as z from 'zod';
import { type ApiRequest, jsonBody } from '../domain/api.ts';

/** Does what a route offers, for the person who signed. Returns the body of the answer. */
export type ApiAction<Deps> = (request: ApiRequest, actor: string, deps: Deps) => Promise<object>;

/** An answer that says why the API does not do what was asked. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Returns the parsed body.
 * @throws Refused naming every problem
 */
export function parseBody<T>(schema: z.ZodType<T>, request: ApiRequest): T {
  const parsed = schema.safeParse(jsonBody(request));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
  throw new Refused(
    400,
    `The body is not what ${request.httpMethod} ${request.resource} takes. ${problems.join('; ')}.`,
  );
}
