import type { ProviderErrorKind } from './errors.ts';

/** Names the failure that an HTTP status alone tells of. A provider's own code, when it gives one, may know better. */
export function kindOfStatus(status: number): ProviderErrorKind {
  switch (status) {
    case 401:
      return 'auth';
    case 402:
      return 'quota';
    case 403:
      return 'permission';
    case 404:
      return 'not-found';
    case 429:
      return 'rate-limit';
    case 503:
    case 529:
      return 'overloaded';
    default:
      return status >= 500 ? 'server' : 'bad-request';
  }
}
