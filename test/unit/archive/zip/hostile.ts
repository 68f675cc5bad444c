/** What the tests of hostile archives start from: two honest entries, and how an archive of them and a lie is refused. */
import { openZip } from '../../../../shared/archive/zip/open-zip.ts';
import { memorySource, refusal } from './archives.ts';
import { type RawEnd, type RawEntry, rawZip } from './raw-zip.ts';

export const LIMITS = { entries: 100, bytes: 1_000_000 };
export const contents = Buffer.from('contents');
export const a = { name: 'a', contents };
export const b = { name: 'b', contents };

export const refusedToOpen = (archive: Buffer, limits = LIMITS) =>
  refusal(() => openZip(memorySource(archive), limits));

export const refused = (entries: RawEntry[], end?: RawEnd, limits = LIMITS) =>
  refusedToOpen(rawZip(entries, end), limits);
