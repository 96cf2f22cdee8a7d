import {
  ClientPool,
  type ClientPoolEvent,
  type ClientPoolOptions,
  type CompletionChunk,
  type CompletionStream,
  type MemberOptions,
  type PoolStats,
  seededRandom,
  userMessage,
} from '@sluice/core';
import { ScriptedProvider, type ScriptedReply, VirtualClock } from '@sluice/core/testing';

export const REQUEST = { messages: [userMessage('What is a sluice?')] };

/** A fault that ends an answer after its pieces, or before any. */
export const HELLO: ScriptedReply = { pieces: ['Hello', ' there'] };

export interface Fixture<Name extends string> {
  readonly clock: VirtualClock;
  readonly clients: ClientPool;
  readonly providers: Readonly<Record<Name, ScriptedProvider>>;
  /** Everything that happened, from the start. */
  readonly events: ClientPoolEvent[];
}

type Given<Name extends string> = Record<
  Name,
  Omit<MemberOptions, 'provider'> & { reply?: ScriptedReply }
>;

/** A client pool on a virtual clock, over scripted providers by name. Observed, unless `isObserved` is false. */
export function aClientPool<Name extends string>(
  given: Given<Name>,
  {
    isObserved = true,
    ...options
  }: Omit<ClientPoolOptions, 'providers' | 'clock'> & { isObserved?: boolean } = {},
): Fixture<Name> {
  const clock = new VirtualClock();
  const names = Object.keys(given) as Name[];
  const made = names.map((name) => {
    const { reply, ...tuning } = given[name];
    const provider = new ScriptedProvider({ clock, name, model: `${name}-1`, reply });
    return { name, provider, member: { ...tuning, provider } };
  });
  const clients = new ClientPool({
    clock,
    random: seededRandom(1),
    ...options,
    providers: Object.fromEntries(made.map(({ name, member }) => [name, member])),
  });
  const events: ClientPoolEvent[] = [];
  if (isObserved) clients.events$.subscribe((event) => events.push(event));
  const providers = Object.fromEntries(made.map(({ name, provider }) => [name, provider]));
  return { clock, clients, providers: providers as Record<Name, ScriptedProvider>, events };
}

/** The types of events, in order, of those that begin with a prefix. */
export function typesOf(events: readonly ClientPoolEvent[], ...prefixes: string[]): string[] {
  const types = events.map(({ type }) => type);
  return types.filter((type) => prefixes.some((prefix) => type.startsWith(prefix)));
}

/** The events of one type. */
export function eventsOf<Type extends ClientPoolEvent['type']>(
  events: readonly ClientPoolEvent[],
  type: Type,
): Extract<ClientPoolEvent, { type: Type }>[] {
  return events.filter(
    (event): event is Extract<ClientPoolEvent, { type: Type }> => event.type === type,
  );
}

/** What a promise rejects with. Fails when it does not. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('It should have failed');
}

/** Reads a stream to its end, or to its failure. */
export async function readAll(
  stream: CompletionStream,
): Promise<{ text: string; chunks: CompletionChunk[]; error?: unknown }> {
  const chunks: CompletionChunk[] = [];
  let error: unknown;
  try {
    for await (const chunk of stream) chunks.push(chunk);
  } catch (thrown) {
    error = thrown;
  }
  return { text: textOf(chunks), chunks, error };
}

export function textOf(chunks: readonly CompletionChunk[]): string {
  return chunks.map((chunk) => (chunk.type === 'text' ? chunk.delta : '')).join('');
}

/** The counts of one provider's pool. */
export function statsOf(clients: ClientPool, name: string): PoolStats {
  const stats = clients.stats()[name];
  if (stats === undefined) throw new Error(`There is no provider ${name}`);
  return stats;
}

/** Closes it all and tells how many timers are left. Waits as long as any timer of ours lasts. */
export async function timersLeft({ clock, clients }: Fixture<string>): Promise<number> {
  const closed = clients.close();
  await clock.advance(10_000);
  await closed;
  return clock.pending;
}
