import { memoize } from './memoize.ts';
import { type OperationModel, requiredMembers, type ServiceModel } from './model.ts';
import type { ParsedRequest } from './request.ts';

export type RouteMatch = { readonly operation: OperationModel; readonly labels: Readonly<Record<string, string>> };

export function matchRoute(
  models: readonly ServiceModel[],
  request: ParsedRequest,
): (RouteMatch & { readonly model: ServiceModel }) | undefined {
  let best: (RouteMatch & { readonly model: ServiceModel }) | undefined;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (const model of models) {
    for (const route of routesOf(model).get(request.method) ?? []) {
      const path = route.path.exec(request.path);
      if (!path) continue;
      const score = closeness(route, request);
      if (score <= bestScore) continue;
      best = { model, operation: route.operation, labels: path.groups ?? {} };
      bestScore = score;
    }
  }
  return best;
}

type Route = {
  readonly operation: OperationModel;
  readonly path: RegExp;
  /** Characters of the template outside labels. */
  readonly literals: number;
  readonly constants: readonly (readonly [name: string, value: string])[];
  readonly required: readonly { readonly from: 'query' | 'headers'; readonly key: string }[];
};

const routesOf = memoize((model: ServiceModel): ReadonlyMap<string, readonly Route[]> => {
  const operations = [...model.operations.values()].filter((operation) => operation.http);
  return Map.groupBy(operations.map(routeOf), (route) => route.operation.http!.method);
});

function routeOf(operation: OperationModel): Route {
  const [template = '/', search = ''] = operation.http!.path.split('?');
  const path =
    missingLabels(operation, template)
      .map((label) => `/{${label}}`)
      .join('') + template;
  return {
    operation,
    path: pattern(path),
    literals: path.replace(/\{[^}]+\}/g, '').length,
    constants: [...new URLSearchParams(search)],
    required: requiredKeys(operation),
  };
}

/** S3's templates omit the bucket, which the client's endpoint rules add before the path (or to the host). */
function missingLabels({ input }: OperationModel, template: string): string[] {
  if (!input.isStructSchema()) return [];
  return [...input.structIterator()]
    .filter(([name, member]) => member.getMergedTraits().httpLabel && !new RegExp(`\\{${name}\\+?\\}`).test(template))
    .map(([name]) => name);
}

function pattern(path: string): RegExp {
  const greedy = path.endsWith('+}');
  const source = path
    .replace(/\/$/, '')
    .replace(/[.*^$|()[\]\\]/g, '\\$&')
    .replace(/\{(\w+)\+\}/g, '(?<$1>.+)')
    .replace(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  return new RegExp(`^${source}${greedy ? '' : '/?'}$`);
}

function requiredKeys({ input }: OperationModel): Route['required'] {
  const required: { from: 'query' | 'headers'; key: string }[] = [];
  for (const name of requiredMembers(input)) {
    const { httpQuery, httpHeader } = input.getMemberSchema(name).getMergedTraits();
    if (httpQuery) required.push({ from: 'query', key: httpQuery });
    if (httpHeader) required.push({ from: 'headers', key: httpHeader.toLowerCase() });
  }
  return required;
}

/**
 * Scores a match. `x-id`, which only some SDKs send, decides. Otherwise constants of the query (`?acl`) count most,
 * then required query fields and headers (which distinguish UploadPart and CopyObject from PutObject), then the literal
 * part of the path.
 */
function closeness({ constants, required, literals }: Route, request: ParsedRequest): number {
  let score = literals;
  for (const [name, value] of constants) {
    const values = request.query.get(name);
    if (name === 'x-id') {
      if (values) score += values.includes(value) ? 1_000_000 : Number.NEGATIVE_INFINITY;
    } else if (values && (value === '' || values.includes(value))) score += 10_000;
    else return Number.NEGATIVE_INFINITY;
  }
  for (const { from, key } of required) {
    const isPresent = from === 'query' ? request.query.has(key) : request.headers[key] !== undefined;
    score += isPresent ? 1_000 : -100_000;
  }
  return score;
}
