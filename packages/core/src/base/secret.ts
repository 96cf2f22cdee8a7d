const PRINTED = '[secret]';

/** How Node's `util.inspect` and `console.log` ask an object to print itself. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** Where secrets keep their values: outside the object, so that no inspector, clone or spread can reach them. */
const values = new WeakMap<Secret, string>();

/**
 * A string that must not be seen: an API key, a token. It prints, serialises and inspects as `[secret]`, and cloning or
 * spreading it copies nothing. Only the transport unwraps it, right before it is sent.
 */
export class Secret {
  /** @throws {TypeError} when `value` is empty or no string: a missing key must not look like a key. */
  constructor(value: string) {
    if (typeof value !== 'string' || value === '') {
      throw new TypeError('A secret must be a string that is not empty');
    }
    values.set(this, value);
    Object.defineProperty(this, INSPECT, { value: () => PRINTED });
  }

  /** Wraps a plain string; a secret stays as it is. */
  static from(value: string | Secret): Secret {
    return typeof value === 'string' ? new Secret(value) : value;
  }

  /**
   * The last 4 characters behind `****` when the secret has 20 or more, else `****`: enough to tell keys apart. Of the
   * token of a Telegram bot, the bot's id, which is public, and nothing of what follows it.
   */
  get hint(): string {
    const value = values.get(this) ?? '';
    const bot = /^\d{6,12}(?=:)/.exec(value);
    if (bot !== null) return `${bot[0]}:****`;
    return value.length >= 20 ? `****${value.slice(-4)}` : '****';
  }

  /** Hands out the value itself. Call it where the bytes leave, and keep the result nowhere. */
  unwrap(): string {
    return values.get(this) ?? '';
  }

  toString(): string {
    return PRINTED;
  }

  toJSON(): string {
    return PRINTED;
  }

  [Symbol.toPrimitive](): string {
    return PRINTED;
  }
}
