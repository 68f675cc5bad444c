import { describe, expect, it } from 'vitest';
import { withoutSecrets } from '../../../shared/api/secrets.ts';

const answer = (body: unknown) => ({ statusCode: 201, headers: { location: '/x' }, body: JSON.stringify(body) });
const bodyOf = (body: unknown, secrets: readonly string[]) => JSON.parse(withoutSecrets(answer(body), secrets).body);

describe('an answer without its secrets', () => {
  it('lacks what the paths name, and nothing else', () => {
    const body = { id: 1, secret: 's', client: { id: 2, secret: 't', deep: { secret: 'u', kept: true } } };
    expect(bodyOf(body, ['secret'])).toEqual({ ...body, secret: undefined });
    expect(bodyOf(body, ['client.secret', 'client.deep.secret'])).toEqual({
      id: 1,
      secret: 's',
      client: { id: 2, deep: { kept: true } },
    });
    expect(withoutSecrets(answer(body), ['secret'])).toMatchObject({ statusCode: 201, headers: { location: '/x' } });
  });

  it('is the answer where there are none', () => {
    const same = answer({ id: 1 });
    expect(withoutSecrets(same, [])).toBe(same);
    for (const path of ['secret', 'id.secret', 'a.b.c', '__proto__', 'toString'])
      expect(bodyOf({ id: 1, list: [{ secret: 1 }] }, [path])).toEqual({ id: 1, list: [{ secret: 1 }] });
  });
});
