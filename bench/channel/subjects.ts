import {
  type Channel,
  ChannelManager,
  type InboundMessage,
  messageId,
  type Session,
} from '@sluice/core';
import { concatMap, groupBy, mergeMap, Subject as Stream } from 'rxjs';

/** Something that answers messages, each namespace in order: what every subject of the bench has in common. */
export interface Subject {
  /** Takes messages until `next` gives none, and resolves when all were answered. At most `WINDOW` are under way. */
  readonly answerAll: (next: () => InboundMessage | undefined) => Promise<void>;
}

/** Makes a subject; `observers` of them listen where there is something to hear. */
export type MakeSubject = (observers: number) => Promise<Subject>;

/** How many messages may be under way at once, for every subject alike. */
export const WINDOW = 1_000;

/** All subjects, by name. */
export const subjects: Readonly<Record<string, MakeSubject>> = {
  /** The yardstick: what anybody writes who needs order for an afternoon. */
  bare: async () => {
    const chains = new Map<string, Promise<void>>();
    return windowed((message, onDone) => {
      const key = keyOf(message);
      const before = chains.get(key) ?? Promise.resolve();
      const own = before.then(() => handle(message, send));
      chains.set(key, own);
      void own.then(() => {
        if (chains.get(key) === own) chains.delete(key);
        onDone();
      });
    });
  },

  /** The same in RxJS. Its groups stay for as long as the stream does. */
  rxjs: async () => {
    const messages$ = new Stream<{
      readonly message: InboundMessage;
      readonly onDone: () => void;
    }>();
    messages$
      .pipe(
        groupBy(({ message }) => keyOf(message)),
        mergeMap((group$) =>
          group$.pipe(
            concatMap(async ({ message, onDone }) => {
              await handle(message, send);
              onDone();
            }),
          ),
        ),
      )
      .subscribe();
    return windowed((message, onDone) => messages$.next({ message, onDone }));
  },

  sluice: async (observers) => {
    const source = new PulledChannel();
    const channels = new ChannelManager({
      handler: (message, { reply }) => handle(message, (text) => reply.final(text)),
    });
    for (let i = 0; i < observers; i += 1) channels.events$.subscribe(() => undefined);
    channels.add({ id: 'bench', channel: source, queue: { capacity: WINDOW } });
    await channels.start();
    return source;
  },
};

/** A handler that does nothing but answer. */
async function handle(
  { text }: InboundMessage,
  reply: (text: string) => Promise<void>,
): Promise<void> {
  await reply(text);
}

async function send(_text: string): Promise<void> {}

function keyOf({ namespace }: InboundMessage): string {
  return namespace.join(':');
}

/** Gives messages to a subject that would take any number at once. */
function windowed(accept: (message: InboundMessage, onDone: () => void) => void): Subject {
  return {
    answerAll: (next) =>
      new Promise((resolve) => {
        let underWay = 0;
        let isOver = false;
        const onDone = (): void => {
          underWay -= 1;
          if (!isOver && underWay < WINDOW / 2) fill();
          else if (isOver && underWay === 0) resolve();
        };
        const fill = (): void => {
          while (!isOver && underWay < WINDOW) {
            const message = next();
            if (message === undefined) isOver = true;
            else {
              underWay += 1;
              accept(message, onDone);
            }
          }
        };
        fill();
      }),
  };
}

/** A channel that is asked for messages, and takes replies without doing anything with them. */
class PulledChannel implements Channel, Subject {
  readonly kind = 'bench';
  #next: (() => InboundMessage | undefined) | undefined;
  #wake: () => void = () => undefined;
  #given = 0;
  #finished = 0;
  #onDone: () => void = () => undefined;

  answerAll(next: () => InboundMessage | undefined): Promise<void> {
    this.#next = next;
    return new Promise((resolve) => {
      this.#onDone = resolve;
      this.#wake();
    });
  }

  async open(): Promise<Session> {
    let hangUp: (reason: { readonly kind: 'clean' }) => void = () => undefined;
    return {
      source: { receive: () => this.#receive() },
      closed: new Promise((resolve) => {
        hangUp = resolve;
      }),
      send: async () => undefined,
      sendError: async () => undefined,
      done: () => {
        this.#finished += 1;
        if (this.#next === undefined && this.#finished === this.#given) this.#onDone();
      },
      close: async () => hangUp({ kind: 'clean' }),
    };
  }

  async #receive(): Promise<InboundMessage> {
    for (;;) {
      const message = this.#next?.();
      if (message !== undefined) {
        this.#given += 1;
        return message;
      }
      this.#next = undefined;
      if (this.#finished === this.#given) this.#onDone();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** Makes messages `from` … `to` of `keys` namespaces, one after the other. */
export function messages(from: number, to: number, keys: number): () => InboundMessage | undefined {
  let at = from;
  return () => {
    if (at === to) return undefined;
    const namespace = ['bench', `k${at % keys}`];
    const message = { id: messageId(`m${at}`), namespace, text: 'hello' };
    at += 1;
    return message;
  };
}
