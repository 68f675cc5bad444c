import { describe, expect, test } from 'vitest';
import { readOptions } from '../../../infra/local/options.ts';
import { Refusal } from '../../../infra/local/refusal.ts';

describe('options', () => {
  test('without any: .local here, AWS’s policy delay, no control socket, default ports', () => {
    expect(readOptions([])).toEqual({
      data: `${process.cwd()}/.local`,
      fresh: false,
      policyCacheSeconds: 480,
      ports: {},
    });
  });

  test('all of them', () => {
    const args = [
      '--data',
      '/a/b',
      '--fresh',
      '--port',
      '1',
      '--auth-port=2',
      '--mqtt-port',
      '65535',
      '--policy-cache',
      '0',
    ];
    expect(readOptions([...args, '--control', '/a/socket'])).toEqual({
      data: '/a/b',
      fresh: true,
      policyCacheSeconds: 0,
      control: '/a/socket',
      ports: { api: 1, auth: 2, mqtt: 65_535 },
    });
  });

  test('help', () => expect(readOptions(['--help', '--port', '1'])).toBe('help'));

  test.each<[string[], RegExp]>([
    [['--prot', '1'], /--prot/],
    [['somewhere'], /somewhere/],
    [['--port'], /--port/],
    [['--port', 'http'], /--port takes a whole number from 0 to 65535, not "http"/],
    [['--port=-1'], /--port takes/],
    [['--mqtt-port', '65536'], /--mqtt-port takes/],
    [['--auth-port', '80.5'], /--auth-port takes/],
    [['--policy-cache', '8m'], /--policy-cache takes/],
    [['--data='], /--data must not be empty/],
    [['--port', '99', '--auth-port', '99'], /must differ/],
  ])('%j is refused with exit code 2 and a way to the help', (args, message) => {
    const read = () => readOptions(args);
    expect(read).toThrow(message);
    expect(read).toThrow('--help');
    expect(read).toThrow(Refusal);
    expect(read).toThrow(expect.objectContaining({ exitCode: 2 }));
  });

  test('two ports may both be any free one', () => {
    expect(readOptions(['--port', '0', '--auth-port', '0'])).toMatchObject({ ports: { api: 0, auth: 0 } });
  });
});
