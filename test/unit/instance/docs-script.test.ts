/** What the docs page sends, and that the curl command beside it says the same to a real shell. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { curlCommand, prepareRequest } from '../../../shared/instance/docs-script.ts';

const field = (place: string, name: string, value: string) => ({ place, name, value });

describe('a request', () => {
  it('has what the fields say, where they say it, and nothing of the empty ones', () => {
    const fields = [
      field('path', 'id', 'a/b?c'),
      field('query', 'stream', 'x&y=z'),
      field('query', 'limit', ''),
      field('header', 'If-Match', '"3"'),
      field('header', 'Idempotency-Key', ''),
      field('body', '', 'ignored here'),
    ];
    expect(
      prepareRequest({ method: 'PATCH', path: '/v1/things/{id}', fields, body: '{"a":1}', accept: 'text/csv' }),
    ).toEqual({
      method: 'PATCH',
      url: '/v1/things/a%2Fb%3Fc?stream=x%26y%3Dz',
      headers: { Accept: 'text/csv', 'Content-Type': 'application/json', 'If-Match': '"3"' },
      body: '{"a":1}',
    });
  });

  it('without fields and body is its path', () => {
    expect(prepareRequest({ method: 'GET', path: '/v1', fields: [] })).toEqual({
      method: 'GET',
      url: '/v1',
      headers: {},
    });
  });

  it('takes a value with a replacement pattern as it is', () => {
    expect(prepareRequest({ method: 'GET', path: '/v1/{id}', fields: [field('path', 'id', "$&$'")] }).url).toBe(
      "/v1/%24%26%24'",
    );
  });
});

/** The arguments that a shell hands to curl. */
function argumentsOf(command: string): string[] {
  const script = `curl() { printf '%s\\0' "$@"; }\nTOKEN=t0k3n\n${command}`;
  return execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

describe('the curl command', () => {
  const hostile = `it's "quoted" $(id) \`id\` $TOKEN \\ and\na new line; # !`;

  it('says the same through a shell, whatever the values are', () => {
    const fields = [field('query', 'q', hostile), field('header', 'If-Match', hostile)];
    const request = prepareRequest({ method: 'POST', path: '/v1/x', fields, body: hostile });
    expect(argumentsOf(curlCommand('http://localhost:1', request, true))).toEqual([
      '-X',
      'POST',
      `http://localhost:1${request.url}`,
      '-H',
      'Authorization: Bearer t0k3n',
      '-H',
      'Content-Type: application/json',
      '-H',
      `If-Match: ${hostile}`,
      '--data-raw',
      hostile,
    ]);
  });

  it('names no token where none is needed', () => {
    const request = prepareRequest({ method: 'GET', path: '/v1', fields: [] });
    expect(curlCommand('https://api.example', request, false)).toBe('curl https://api.example/v1');
  });
});
