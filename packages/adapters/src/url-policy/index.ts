// What users may name as a base URL.

export { urlPolicy, type UrlPolicyOptions } from './url-policy.ts';
