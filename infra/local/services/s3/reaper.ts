/** Removes what lifecycle rules let expire, some time after it expired, as AWS does; until then reads show it. */
import { abortOf, expiryOf } from './bucket/lifecycle.ts';
import { justAfter } from './protocol/key-order.ts';
import type { S3 } from './s3-room.ts';

const PAGE = 500;

/** Answers how many objects and unfinished uploads it removed. */
export function reap({ store, files, buckets, clock }: S3): number {
  const now = clock.now();
  let removed = 0;
  for (const { name, lifecycle } of buckets.all()) {
    if (lifecycle.length === 0) continue;
    for (let from: string | undefined = ''; from !== undefined; ) {
      const page = store.objectsFrom(name, from, PAGE);
      const expired = page.filter((object) => (expiryOf(lifecycle, object)?.at ?? Infinity) <= now);
      store.atomically(() => {
        for (const { key } of expired) store.deleteObject(name, key);
      });
      files.remove(...expired.map(({ file }) => file));
      removed += expired.length;
      const last = page.at(-1);
      from = page.length === PAGE && last ? justAfter(last.key) : undefined;
    }
    for (const upload of store.uploads(name)) {
      if (abortOf(lifecycle, upload) > now) continue;
      files.remove(...store.atomically(() => store.deleteUpload(upload.id)));
      removed += 1;
    }
  }
  return removed;
}
