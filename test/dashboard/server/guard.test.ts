import { expect, it } from 'vitest';
import { isOurHost, isOurPage } from '../../../packages/dashboard/src/server/guard.ts';

const URL_ = 'http://localhost:4000/api/feed';

it.each(['localhost:4000', '127.0.0.1:4000', '[::1]:4000', 'LOCALHOST:4000', 'sluice.example'])(
  'answers to %s',
  (host) => {
    const request = new Request(URL_, { headers: { host } });

    expect(isOurHost(request, { port: 4000 }, ['sluice.example'])).toBe(true);
  },
);

it.each([
  'evil.example',
  '127.0.0.1.evil.example:4000',
  'localhost:1',
  'localhost',
  'localhost:40000',
  'localhost:4000@evil.example',
  'x.sluice.example',
  'sluice.example:4000',
  '0.0.0.0:4000',
  '127.0.0.2:4000',
  '',
])('does not answer to %j', (host) => {
  const request = new Request(URL_, { headers: { host } });

  expect(isOurHost(request, { port: 4000 }, ['sluice.example'])).toBe(false);
});

it('takes any port of this machine where it does not know its own, and still no other name', () => {
  const asked = (host: string): Request => new Request(URL_, { headers: { host } });

  expect(isOurHost(asked('localhost:1'), {}, [])).toBe(true);
  expect(isOurHost(asked('evil.example:4000'), {}, [])).toBe(false);
});

it.each([
  ['our page', 'POST', { origin: 'http://localhost:4000', 'sec-fetch-site': 'same-origin' }],
  ['our page behind TLS', 'POST', { origin: 'https://localhost:4000' }],
  ['a program with a token', 'POST', { authorization: 'Bearer x' }],
  ['a program that reads', 'GET', {}],
  ['the reader’s own address bar', 'GET', { 'sec-fetch-site': 'none' }],
])('hears %s', (_who, method, headers) => {
  expect(isOurPage(aRequest(method, headers))).toBe(true);
});

it.each([
  ['another site that reads', 'GET', { 'sec-fetch-site': 'cross-site' }],
  ['another port of this machine', 'GET', { 'sec-fetch-site': 'same-site' }],
  [
    'a link on another site',
    'GET',
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
  ],
  ['an EventSource of another origin', 'GET', { origin: 'http://localhost:4001' }],
  ['a sandboxed frame', 'POST', { origin: 'null' }],
  ['a form of another site', 'POST', { origin: 'http://evil.example' }],
  ['a POST that does not say where it is from', 'POST', {}],
  ['a POST with another scheme of credentials', 'POST', { authorization: 'Basic x' }],
])('does not hear %s', (_who, method, headers) => {
  expect(isOurPage(aRequest(method, headers))).toBe(false);
});

function aRequest(method: string, headers: Readonly<Record<string, string>>): Request {
  return new Request(URL_, { method, headers: { host: 'localhost:4000', ...headers } });
}
