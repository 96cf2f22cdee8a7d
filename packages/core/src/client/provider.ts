import type { CallContext, Client } from './client.ts';
import type { TimeoutOptions } from './timeouts.ts';

/** Makes clients for one account at one endpoint. What adapters export: `openai({...})` and the like. */
export interface Provider {
  /** The family's name, such as `openai`. */
  readonly name: string;
  /** Makes one client. Nothing is sent. */
  createClient(context: { readonly signal: AbortSignal }): Client | Promise<Client>;
  /** Asks the endpoint, for free, whether it answers. @throws {ProviderError} when it does not. */
  probe?(context: CallContext): Promise<void>;
  /** Lists the models that the account may use. */
  listModels?(context: CallContext): Promise<readonly ModelInfo[]>;
  readonly capabilities?: Capabilities | undefined;
  /** What its endpoint needs other timeouts than most for. What a user says goes before it. */
  readonly timeouts?: TimeoutOptions | undefined;
}

/** A model, as its provider lists it. */
export interface ModelInfo {
  readonly id: string;
  /** How many tokens a request and its answer may have together. */
  readonly contextWindow?: number | undefined;
}

/** What a provider's models can do. A missing field means unknown. */
export interface Capabilities {
  readonly tools?: boolean | undefined;
  readonly images?: boolean | undefined;
  readonly thinking?: boolean | undefined;
  readonly structuredOutput?: boolean | undefined;
}
