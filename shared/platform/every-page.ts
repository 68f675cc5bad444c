/** All items of a list that is read page by page. */
export async function* everyPage<T>(
  read: (after: string | undefined) => Promise<{ items: readonly T[]; last?: string }>,
): AsyncGenerator<T> {
  let after: string | undefined;
  do {
    const page = await read(after);
    yield* page.items;
    after = page.last;
  } while (after !== undefined);
}
