import { describe, expect, it } from 'vitest';
import { neutralityFindings } from './neutrality.ts';
import { readRepository } from './source-files.ts';

describe('the repository', () => {
  it('names no path of one machine and no registry', () => {
    expect(neutralityFindings(readRepository())).toEqual([]);
  });
});

describe('the search for what is foreign', () => {
  it.each([
    ['a home folder', ['', 'home', 'me', 'sluice'].join('/')],
    ['a temporary folder', `cd ${['', 'tmp', 'build'].join('/')}`],
    ['a Windows home folder', ['C:', 'Users', 'me'].join('\\')],
    ['the host of a registry', `https://${['registry', 'npmjs', 'org'].join('.')}/rxjs`],
    ['a token', `//host/:${['_auth', 'Token'].join('')}=abc`],
  ])('finds %s', (_what, text) => {
    expect(neutralityFindings([{ path: 'a.md', text }])).toHaveLength(1);
  });

  it.each([
    'packages/core/src/home/a.ts',
    'https://example.com/work/a',
    'GET /v1/models',
    './tmp/a',
  ])('passes over %s', (text) => {
    expect(neutralityFindings([{ path: 'a.md', text }])).toEqual([]);
  });
});
