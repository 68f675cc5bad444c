/** Imports as a customer's script uses them, and two archives compared. */
import { made, type Program } from './api.ts';
import { over, textsOf } from './archives.ts';

type Account = Pick<Program, 'get' | 'post'>;

/** Prepares an import and puts the file where it is told; answers the import's id. */
export async function uploaded(account: Account, file: Buffer, more: object = { format: 'archive' }): Promise<string> {
  const { id, upload } = made(await account.post('/v1/imports', { ...more, size: file.length }));
  for (const { method, url, headers, from, to } of upload.parts) {
    const put = await fetch(url, { method, headers, body: new Uint8Array(file.subarray(from, to)) });
    if (!put.ok) throw new Error(`upload: ${put.status} ${await put.text()}`);
  }
  return id;
}

/** Starts an import and waits until it is over. */
export async function started(account: Account, id: string, body: object = {}, ms?: number) {
  made(await account.post(`/v1/imports/${id}/start`, body), 202);
  return over(account, `/v1/imports/${id}`, ms);
}

export const imported = async (account: Account, file: Buffer, more?: object) =>
  started(account, await uploaded(account, file, more));

/** The lines of a mapping: id of before → id of here. */
export async function mappingOf(account: Account, id: string): Promise<Map<string, string>> {
  const answer = await account.get(`/v1/imports/${id}/mapping`);
  const text = await (await fetch(answer.headers.get('location') ?? '')).text();
  const lines = text.split('\n').filter((line) => line !== '');
  return new Map(lines.map((line) => JSON.parse(line)).map(({ from, to }) => [from, to]));
}

/**
 * What two archives of the same data must agree in. The closed list of what may differ: which account it was, its people, programs,
 * connectors and trail, which are no import's to make; ids, by the mapping; when each was exported; and what describes the files.
 */
const OTHERS =
  /^data\/(account\.json|members|api-clients|connectors|audit\/|coverage\.json|datapackage\.json|schemas\/)/;

/** Lines by file, sorted where their order follows from ids. `mapping`: from ids of this archive to those of the other. */
export function comparable(
  files: ReadonlyMap<string, Buffer>,
  mapping: ReadonlyMap<string, string> = new Map(),
): Record<string, string[]> {
  const mapped = (text: string) => text.replace(/\b(?:acc|prd|dev|bkt)_[0-9a-z]{26}\b/g, (id) => mapping.get(id) ?? id);
  const data = [...textsOf(files, /^data\//)].filter(([name]) => !OTHERS.test(name));
  return Object.fromEntries(
    data
      .map(([name, text]): [string, string[]] => {
        const lines = mapped(text).split('\n');
        return [mapped(name), name.includes('/readings/') ? lines : lines.sort()];
      })
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
