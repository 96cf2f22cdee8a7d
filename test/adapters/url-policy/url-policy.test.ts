import { openai } from '@sluice/adapters/openai';
import { urlPolicy } from '@sluice/adapters/url-policy';
import { describe, expect, it } from 'vitest';

describe('a base URL that a user gives', () => {
  it.each([
    ['https://api.example.com/v1/', 'https://api.example.com/v1'],
    ['https://8.8.8.8/v1', 'https://8.8.8.8/v1'],
    ['https://[2606:4700::1]/', 'https://[2606:4700::1]'],
    ['https://172.15.0.1/', 'https://172.15.0.1'],
    ['https://100.63.0.1/', 'https://100.63.0.1'],
  ])('may be %s', (baseUrl, checked) => {
    expect(urlPolicy()(baseUrl)).toBe(checked);
  });

  it.each([
    ['is no URL', 'api.example.com', 'absolute URL'],
    ['is not https', 'http://api.example.com/', 'https'],
    ['is of another protocol', 'file:///etc/passwd', 'http'],
    ['holds a password', 'https://u:hunter22@api.example.com/', 'password'],
    ['holds a query', 'https://api.example.com/?key=hunter22', 'query'],
  ])('is refused when it %s', (_, baseUrl, words) => {
    const check = (): string => urlPolicy()(baseUrl);

    expect(check).toThrow(TypeError);
    expect(check).toThrow(words);
    expect(check).not.toThrow(/hunter22/);
  });

  it.each([
    'https://localhost/',
    'https://localhost./',
    'https://app.localhost/',
    'https://redis/',
    'https://metadata.google.internal/',
    'https://printer.local/',
    'https://0.0.0.0/',
    'https://10.1.2.3/',
    'https://100.64.0.1/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://127.0.0.1./',
    'https://169.254.169.254/',
    'https://172.16.0.1/',
    'https://172.31.255.255/',
    'https://192.0.0.192/',
    'https://192.168.1.1/',
    'https://198.18.0.1/',
    'https://224.0.0.1/',
    'https://255.255.255.255/',
    'https://[::]/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://[::ffff:8.8.8.8]/',
    'https://[64:ff9b::a00:1]/',
    'https://[2002:a00:1::]/',
    'https://[2001::1]/',
    'https://[2001:0:1::]/',
    'https://[fc00::1]/',
    'https://[fd00:ec2::254]/',
    'https://[fe80::1]/',
    'https://[ff02::1]/',
  ])('is refused when it leads inside: %s', (baseUrl) => {
    expect(() => urlPolicy()(baseUrl)).toThrow(TypeError);
  });

  it('may be what is allowed by its origin, and nothing beside it', () => {
    const check = urlPolicy({ allow: ['http://10.0.0.7:11434'] });

    expect(check('http://10.0.0.7:11434/api')).toBe('http://10.0.0.7:11434/api');
    expect(() => check('http://10.0.0.7:6379/')).toThrow(TypeError);
    expect(() => check('http://10.0.0.8:11434/')).toThrow(TypeError);
    expect(() => check('http://u:p@10.0.0.7:11434/')).toThrow(TypeError);
  });

  it('goes into a provider as it is checked', () => {
    const baseUrl = urlPolicy()('https://api.example.com/v1');

    expect(openai({ apiKey: 'k', model: 'm', baseUrl }).name).toBe('openai');
  });
});

it('a policy with an origin that is none is refused at once', () => {
  expect(() => urlPolicy({ allow: ['10.0.0.7'] })).toThrow(TypeError);
});
