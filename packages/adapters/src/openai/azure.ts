/** Where things are at a resource of Azure. */
export interface AzurePaths {
  readonly baseUrl: string;
  /** Where a deployment answers. */
  readonly completion: (model: string) => string;
  readonly models: string;
}

/**
 * Finds the way around a resource of Azure, given anything from its bare address to the path of one deployment. Without
 * `apiVersion` it is the newer way, which is OpenAI's own below `/openai/v1`; with one, each deployment has a path.
 *
 * @param path what both ways end in, such as `chat/completions`.
 */
export function azurePaths(
  baseUrl: string,
  { apiVersion, path }: { readonly apiVersion?: string | undefined; readonly path: string },
): AzurePaths {
  const { origin, pathname } = new URL(baseUrl);
  if (apiVersion === undefined) {
    const base = pathname === '/' ? `${origin}/openai/v1` : baseUrl;
    return { baseUrl: base, completion: () => path, models: 'models' };
  }
  const query = `?api-version=${encodeURIComponent(apiVersion)}`;
  const named = /\/deployments\/([^/]+)/.exec(pathname)?.[1];
  return {
    baseUrl: `${origin}/openai`,
    // Responses are asked for beside the deployments, which the body names.
    completion: (model) =>
      path === 'responses'
        ? `${path}${query}`
        : `deployments/${named ?? encodeURIComponent(model)}/${path}${query}`,
    models: `models${query}`,
  };
}
