import type { ApiDeployment, ApiMethod, ApiResource } from './state.ts';

export type MatchedMethod = {
  readonly method: ApiMethod;
  /** Without the stage: `/approvals/1a2b`, and its template `/approvals/{id}`. */
  readonly path: string;
  readonly template: string;
  readonly parameters: Readonly<Record<string, string>>;
};

/** Prefers a word over a parameter, as API Gateway does. */
export function matchMethod(
  rootId: string,
  { resources, methods }: ApiDeployment,
  { method: httpMethod, url }: { readonly method: string; readonly url: string },
): MatchedMethod | undefined {
  const [, ...words] = url.replace(/\?.*$/s, '').replace(/\/$/, '').split('/').slice(1);
  const parameters: Record<string, string> = {};
  let resource = resources.get(rootId)!;
  let template = '';
  for (const word of words) {
    const child = childOf(resource, resources, word);
    if (!child) return undefined;
    const [, parameter] = /^\{(.+)\}$/.exec(child.pathPart) ?? [];
    if (parameter) parameters[parameter] = decodeURIComponent(word);
    template += `/${child.pathPart}`;
    resource = child;
  }
  const method = methods.get(`${resource.id} ${httpMethod}`);
  return method && { method, path: `/${words.join('/')}`, template: template || '/', parameters };
}

function childOf(parent: ApiResource, resources: ApiDeployment['resources'], word: string): ApiResource | undefined {
  const children = [...resources.values()].filter((each) => each.parent === parent.id);
  return (
    children.find(({ pathPart }) => pathPart === word) ??
    children.find(({ pathPart }) => pathPart.startsWith('{') && word !== '')
  );
}
