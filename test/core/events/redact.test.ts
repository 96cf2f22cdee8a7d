import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProviderError } from '../../../packages/core/src/client/errors.ts';
import { Secret } from '../../../packages/core/src/base/secret.ts';
import {
  createRedactor,
  hashIdentity,
  redactJson,
  toEventError,
} from '../../../packages/core/src/events/redact.ts';
import { redactShapes, SECRET_SHAPES } from '../../../packages/core/src/events/secret-shape.ts';
import { expectLinearTime } from '../../support/linear-time.ts';
import { runs } from '../../support/tier.ts';

describe('what looks like a secret', () => {
  it.each([
    ['sk-proj-abcDEF0123456789abcDEF', 'sk-proj-abcDEF0123456789abcDEF'],
    [
      'Incorrect API key provided: sk-ant-api03-AbC_dEf-123456789',
      'sk-ant-api03-AbC_dEf-123456789',
    ],
    ['Incorrect API key provided: sk-abcde********wxyz.', 'wxyz'],
    ['key AIzaSyA1234567890abcdefghijklmnopqrstuv', 'AIzaSyA1234567890abcdefghijklmnopqrstuv'],
    ['slack xoxb-123456789012-abcdefABCDEF', 'xoxb-123456789012-abcdefABCDEF'],
    ['groq gsk_abcdefghij0123456789ABCDEFGHIJ', 'gsk_abcdefghij0123456789ABCDEFGHIJ'],
    ['Bearer abc.def-ghi_jkl/mno=', 'abc.def-ghi_jkl/mno='],
    ['{"authorization":"Token 0a1b2c3d"}', '0a1b2c3d'],
    [String.raw`{\"x-api-key\":\"0a1b2c3d4e\"}`, '0a1b2c3d4e'],
    ['x-goog-api-key: 0a1b2c3d4e', '0a1b2c3d4e'],
    ['Set-Cookie: session=0a1b2c; Path=/', '0a1b2c'],
    ['{"password": "hunter2222"}', 'hunter2222'],
    ['access_token=ya29.a0AfH6SM&scope=x', 'ya29.a0AfH6SM'],
    ['https://api.telegram.org/bot123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawX/getMe', 'AAHdqTcv'],
    ['discord MTIzNDU2Nzg5MDEyMzQ1Njc4.GaBcDe.abcdefghijklmnopqrstuvwxyz0', 'abcdefghijklm'],
    ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r', 'dBjftJeZ4CVP'],
    ['redis://user:hunter22@10.0.0.1:6379/0', 'hunter22'],
    ['GET https://x.test/v1/models?key=0a1b2c3d&alt=sse failed', '0a1b2c3d'],
    ['https://hooks.slack.com/services/T000/B000/XXXXyyyyZZZZ', 'XXXXyyyyZZZZ'],
    ['https://discord.com/api/webhooks/123/abcDEF-ghi', 'abcDEF-ghi'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----', 'MIIabc'],
    ['-----BEGIN PRIVATE KEY-----\nMIIabc that was cut', 'MIIabc'],
  ])('is taken out of %s', (text, secret) => {
    const redacted = redactShapes(text);

    expect(redacted).not.toContain(secret);
    expect(redacted).toContain('[redacted]');
  });

  it.each([
    'Nothing came free in pool "openai" within 30000 ms (20 in use, 7 waiting)',
    'https://api.openai.com/v1/chat/completions answered 429',
    'The task-manager asks the risk-assessment-department-of-the-house',
    'Bearer of bad news',
    'gpt-4.1-mini-2025-04-14 is overloaded, retry at 2026-01-01T10:20:30.123Z',
    'Request req_011CSHoEeqs5C35K2UUqR7Fy took 1234567890 ms',
  ])('leaves ordinary text alone: %s', (text) => {
    expect(redactShapes(text)).toBe(text);
  });

  it('keeps of a URL what helps to find the fault', () => {
    const redacted = redactShapes('POST "https://me:pw@x.test:8080/v1/a/b?key=1#frag" failed');

    expect(redacted).toBe('POST "https://[redacted]@x.test:8080/v1/a/b?[redacted]" failed');
  });

  it('stays the same when it is taken out twice', () => {
    const word = fc.constantFrom(
      'sk-abcdefghijklmnop',
      'Bearer abcdefghij',
      'cookie: a=b',
      'https://a:b@c/d?e#f',
      '"',
      ' ',
      '\n',
      'password=12345',
      'plain',
    );

    fc.assert(
      fc.property(
        fc.array(word).map((words) => words.join('')),
        (text) => {
          const once = redactShapes(text);

          expect(redactShapes(once)).toBe(once);
        },
      ),
      { numRuns: runs(1_000, 10_000) },
    );
  });

  it.each(SECRET_SHAPES.map(({ name, pattern, replace }) => ({ name, pattern, replace })))(
    'is looked for in linear time: $name',
    ({ pattern, replace }) => {
      for (const piece of WORST_PIECES) {
        expectLinearTime(
          (length) => piece.repeat(length / piece.length).replace(pattern, replace),
          JSON.stringify(piece),
        );
      }
    },
  );
});

/** Pieces of which each pattern can be teased with a hundred thousand characters. */
const WORST_PIECES = [
  'a',
  '1',
  '-',
  ' ',
  'A ',
  'sk-',
  'sk-a',
  'eyJ',
  'eyJaaaaaaaa.',
  'aaaaaaaaaaaaaaaaaaaaaaaaa.',
  'aaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaa.',
  'http://',
  'http://a@',
  'http://a?',
  'a://',
  'a+',
  '://',
  'cookie',
  'cookie:',
  'cookie: "',
  'authorization : ',
  'password',
  'password = ',
  'api_key="',
  'Bearer ',
  'bearer    ',
  '12345678:',
  '1234567890',
  '-----BEGIN ',
  '-----BEGIN PRIVATE KEY-----',
  '-----BEGIN PRIVATE KEY----------END ',
  '/webhooks/',
  'http://a/webhooks/',
];

describe('a redactor that knows values', () => {
  const value = 'pa ss/w+rd"ü\\0123456789';

  it.each<[string, (secret: string) => string]>([
    ['as it is', (secret) => secret],
    ['in a URL', encodeURIComponent],
    [
      'in a URL, in small letters',
      (secret) => encodeURIComponent(secret).replace(/%../g, (hex) => hex.toLowerCase()),
    ],
    ['in a form', (secret) => new URLSearchParams({ a: secret }).toString().slice(2)],
    ['in base64', (secret) => Buffer.from(secret).toString('base64')],
    ['in base64 for URLs', (secret) => Buffer.from(secret).toString('base64url')],
    ['in basic authentication', (secret) => Buffer.from(`user:${secret}`).toString('base64')],
    ['behind two bytes in base64', (secret) => Buffer.from(`ab${secret}cd`).toString('base64')],
    ['in hexadecimal', (secret) => Buffer.from(secret).toString('hex')],
    ['in JSON', (secret) => JSON.stringify(secret)],
    ['in JSON in JSON', (secret) => JSON.stringify(JSON.stringify({ a: secret }))],
  ])('finds one %s', (_, encode) => {
    const redact = createRedactor({ secrets: [new Secret(value)] });
    const encoded = encode(value);

    const redacted = redact(`before ${encoded} after`);

    expect(redacted).toContain('[redacted]');
    expect(redacted).toMatch(/^before .{0,12}\[redacted\].{0,12} after$/);
    expect(leak(redacted, encoded)).toBeUndefined();
  });

  it('takes the longest of two values that begin alike', () => {
    const redact = createRedactor({ secrets: ['abcdefgh', 'abcdefgh-and-more'] });

    expect(redact('x abcdefgh-and-more y abcdefgh z')).toBe('x [redacted] y [redacted] z');
  });

  it('finds the half that the end or the beginning of a text cuts off', () => {
    const redact = createRedactor({ secrets: ['0123456789abcdefghij'] });

    expect(redact('the key 0123456789')).toBe('the key [redacted]');
    expect(redact('abcdefghij was the key')).toBe('[redacted] was the key');
  });

  it('does not shred text for values that are too short', () => {
    const redact = createRedactor({ secrets: ['ollama', ''] });

    expect(redact('ollama is not reachable')).toBe('ollama is not reachable');
  });
});

describe('an error in an event', () => {
  it('tells of a provider who failed and how, and not its own text', () => {
    const error = new ProviderError('rate-limit', 'Too many requests', {
      provider: 'openai',
      status: 429,
      providerCode: 'rate_limit_exceeded',
    });

    expect(toEventError(error)).toEqual({
      name: 'ProviderError',
      code: 'PROVIDER_RATE_LIMIT',
      message: 'openai failed: 429 rate-limit',
      status: 429,
      providerCode: 'rate_limit_exceeded',
    });
  });

  it("is UNKNOWN, and shows neither stack nor cause nor fields, when it is nobody's we know", () => {
    const error = Object.assign(
      new TypeError('x is not a function', { cause: 'sk-canary-0123456789' }),
      {
        headers: { authorization: 'Bearer canary' },
        status: 500,
      },
    );

    expect(toEventError(error)).toEqual({
      name: 'TypeError',
      code: 'UNKNOWN',
      message: 'x is not a function',
    });
  });

  it.each([
    undefined,
    null,
    42,
    'text',
    Object.create(null),
    Object.assign(new Error('x'), { name: null }),
  ])('can be made of anything that is thrown: case %#', (thrown) => {
    const { code, message } = toEventError(thrown);

    expect([code, typeof message]).toEqual(['UNKNOWN', 'string']);
  });

  it('can be made of an error whose fields throw', () => {
    const hostile = Object.defineProperty(new Error('x'), 'message', {
      get() {
        throw new Error('a trap');
      },
    });

    expect(toEventError(hostile)).toEqual({
      name: 'Error',
      code: 'UNKNOWN',
      message: 'An error that cannot be read',
    });
  });

  it('is cut at 500 characters, after secrets are out: none is cut into what no pattern knows', () => {
    const secret = 'sk-0123456789abcdefghij';
    const error = new Error(`${'x'.repeat(490)} ${secret}`);

    const { message } = toEventError(error);

    expect(message).toHaveLength(500);
    expect(message).not.toContain('sk-');
  });

  it('takes a message of a hundred million characters', () => {
    const { message } = toEventError(new Error('a key '.repeat(17_000_000)));

    expect(message).toHaveLength(500);
  });

  it('shows no canary, wherever one was planted', () => {
    const redact = createRedactor({ secrets: CANARIES });

    fc.assert(
      fc.property(planted, ({ text, encoded }) => {
        const error = Object.assign(new Error(text), { name: text });

        const shown = JSON.stringify(toEventError(error, redact));

        expect(leak(shown, encoded)).toBeUndefined();
      }),
      { numRuns: runs(2_000, 10_000) },
    );
  });
});

describe('an event on its way out', () => {
  it('shows no canary: nested, encoded, in keys, or split over two fields', () => {
    const redact = createRedactor({ secrets: CANARIES });

    fc.assert(
      fc.property(planted, fc.nat(), fc.nat(4), ({ text, encoded }, cut, place) => {
        const at = cut % (encoded.length + 1);
        const events = [
          { type: 'x', label: text },
          { type: 'x', a: [{ b: { c: [1, text] } }] },
          { type: 'x', metadata: { [text]: 'as a key' } },
          { type: 'x', tenant: `of ${encoded.slice(0, at)}`, label: `${encoded.slice(at)} too` },
          { type: 'x', error: { message: JSON.stringify({ text }) } },
        ];

        const shown = JSON.stringify(redactJson(events[place], redact));

        expect(leak(shown, encoded)).toBeUndefined();
      }),
      { numRuns: 10_000 },
    );
  });

  it('keeps everything else, and a key named __proto__ a key', () => {
    const event: unknown = JSON.parse('{"a":[1,true,null,"x"],"__proto__":{"polluted":1}}');

    const copy = redactJson(event, (text) => text.toUpperCase());

    expect(JSON.stringify(copy)).toBe('{"A":[1,true,null,"X"],"__PROTO__":{"POLLUTED":1}}');
    expect(JSON.stringify(redactJson(event, (text) => text))).toBe(JSON.stringify(event));
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('is not followed into endless depth', () => {
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;

    expect(JSON.stringify(redactJson(loop, (text) => text))).toContain('[redacted]');
  });
});

describe('the hash of an identity', () => {
  it('is 12 characters, the same for the same person and salt', () => {
    const hash = hashIdentity('discord:g1:u7', 'salt');

    expect(hash).toMatch(/^[0-9a-z]{12}$/);
    expect(hashIdentity('discord:g1:u7', 'salt')).toBe(hash);
    expect(hashIdentity('discord:g1:u7', 'other')).not.toBe(hash);
    expect(hashIdentity('b', 'a')).not.toBe(hashIdentity('', 'ab'));
  });

  it('tells 200,000 people apart', () => {
    const hashes = new Set<string>();
    for (let i = 0; i < 200_000; i += 1) hashes.add(hashIdentity(`user:${i}`, 'salt'));

    expect(hashes.size).toBe(200_000);
  });

  it('changes about half of its bits with any one character', () => {
    const bits = (hash: string): string =>
      [...hash].map((char) => ALPHABET.indexOf(char).toString(2).padStart(5, '0')).join('');
    let changed = 0;
    for (let i = 0; i < 1_000; i += 1) {
      const [a, b] = [bits(hashIdentity(`user:${i}`, 's')), bits(hashIdentity(`user:${i}!`, 's'))];
      changed += [...a].filter((bit, at) => bit !== b[at]).length;
    }

    // 60,000 bits: one half is 30,000, six standard deviations are 735.
    expect(Math.abs(changed - 30_000)).toBeLessThan(735);
  });
});

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

const CANARIES = [
  'canary-plain-0123456789',
  'canary with "quotes" & ümläuts / slashes',
  'kanarienvogel+0123456789==',
  '9'.repeat(10) + 'Aa'.repeat(20),
  'sk-canary-abcdefghijklmnopqrstuvwxyz',
];

/** A canary in one of its forms, somewhere in a text. */
const planted = fc
  .record({
    canary: fc.constantFrom(...CANARIES),
    form: fc.nat(6),
    head: fc.string({ maxLength: 30 }),
    tail: fc.string({ maxLength: 600 }),
    pad: fc.nat(3),
  })
  .map(({ canary, form, head, tail, pad }) => {
    const encoded = [
      canary,
      encodeURIComponent(canary),
      Buffer.from('x'.repeat(pad) + canary).toString('base64'),
      Buffer.from(`${canary}xyz`).toString('base64url'),
      Buffer.from(canary).toString('hex'),
      JSON.stringify(canary).slice(1, -1),
      encodeURIComponent(Buffer.from(canary).toString('base64')),
    ][form] as string;
    return { encoded, text: `${head} ${encoded} ${tail}` };
  });

/** A piece of 10 characters of the canary, from its middle, that can still be read. */
function leak(shown: string, encoded: string): string | undefined {
  for (let at = 4; at + 10 <= encoded.length - 4; at += 1) {
    const piece = encoded.slice(at, at + 10);
    if (shown.includes(piece)) return piece;
  }
  return undefined;
}
