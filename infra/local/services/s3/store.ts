/**
 * What S3 knows of its objects, in one SQLite file: an object exists if and only if its row does. Contents are files beside
 * it (object-files.ts); a file without a row is rubbish of a crash.
 */
import path from 'node:path';
import type { StatementSync } from 'node:sqlite';
import * as z from 'zod';
import { atomically, openSqlite } from '../sqlite.ts';
import { ALGORITHMS } from './checksum/checksums.ts';

const checksumSchema = z.object({
  algorithm: z.enum(ALGORITHMS),
  value: z.string(),
  type: z.enum(['FULL_OBJECT', 'COMPOSITE']),
});
const encryptionSchema = z.object({
  algorithm: z.enum(['AES256', 'aws:kms']),
  keyArn: z.string().optional(),
  bucketKey: z.boolean(),
});
const detailsSchema = z.object({
  /** Those that a reader gets back: `content-type`, `x-amz-meta-…`. */
  headers: z.record(z.string(), z.string()),
  encryption: encryptionSchema,
  checksum: checksumSchema.optional(),
});
const contentShape = { file: z.string(), size: z.number(), etag: z.string(), modified: z.number() };
const json = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .transform((text) => JSON.parse(text))
    .pipe(schema);

const objectSchema = z.object({ bucket: z.string(), key: z.string(), ...contentShape, details: json(detailsSchema) });
const listedSchema = z.object({ key: z.string(), ...contentShape });
const uploadSchema = z.object({
  id: z.string(),
  bucket: z.string(),
  key: z.string(),
  started: z.number(),
  details: json(
    detailsSchema.omit({ checksum: true }).extend({ checksum: checksumSchema.omit({ value: true }).optional() }),
  ),
});
const partSchema = z.object({
  number: z.number(),
  ...contentShape,
  checksum: json(checksumSchema.optional().nullable()),
});

export type Encryption = z.output<typeof encryptionSchema>;
export type StoredObject = z.output<typeof objectSchema>;
export type ListedObject = z.output<typeof listedSchema>;
export type Upload = z.output<typeof uploadSchema>;
export type Part = z.output<typeof partSchema>;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS objects (
    bucket TEXT NOT NULL, key TEXT NOT NULL, file TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
    modified INTEGER NOT NULL, details TEXT NOT NULL, PRIMARY KEY (bucket, key)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, started INTEGER NOT NULL, details TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS parts (
    upload TEXT NOT NULL REFERENCES uploads ON DELETE CASCADE, number INTEGER NOT NULL, file TEXT NOT NULL,
    size INTEGER NOT NULL, etag TEXT NOT NULL, modified INTEGER NOT NULL, checksum TEXT NOT NULL,
    PRIMARY KEY (upload, number)) STRICT, WITHOUT ROWID;`;

export type Store = ReturnType<typeof openStore>;

/** Keys are ordered by their UTF-8 bytes, as in S3: that is SQLite's own order of texts. */
export function openStore(dir: string) {
  const db = openSqlite(path.join(dir, 's3.sqlite'), SCHEMA);
  const prepared = new Map<string, StatementSync>();
  const sql = (text: string): StatementSync => {
    const statement = prepared.get(text) ?? db.prepare(text);
    prepared.set(text, statement);
    return statement;
  };
  const optional = <T extends z.ZodType>(schema: T, row: unknown): z.output<T> | undefined =>
    row === undefined ? undefined : schema.parse(row);

  return {
    /** All of it or nothing; it must not await. */
    atomically: <T>(work: () => T): T => atomically(db, work),
    object: (bucket: string, key: string): StoredObject | undefined =>
      optional(objectSchema, sql('SELECT * FROM objects WHERE bucket = ? AND key = ?').get(bucket, key)),
    putObject({ bucket, key, file, size, etag, modified, details }: StoredObject): void {
      sql('INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?, ?, ?)').run(
        ...[bucket, key, file, size, etag, modified, JSON.stringify(details)],
      );
    },
    deleteObject: (bucket: string, key: string): void =>
      void sql('DELETE FROM objects WHERE bucket = ? AND key = ?').run(bucket, key),
    /** In order, from the first key that is not before `from`. */
    objectsFrom: (bucket: string, from: string, limit: number): ListedObject[] =>
      sql('SELECT key, file, size, etag, modified FROM objects WHERE bucket = ? AND key >= ? ORDER BY key LIMIT ?')
        .all(bucket, from, limit)
        .map((row) => listedSchema.parse(row)),
    upload: (id: string): Upload | undefined =>
      optional(uploadSchema, sql('SELECT * FROM uploads WHERE id = ?').get(id)),
    /** By key, then by start. */
    uploads: (bucket: string): Upload[] =>
      sql('SELECT * FROM uploads WHERE bucket = ? ORDER BY key, started, id')
        .all(bucket)
        .map((row) => uploadSchema.parse(row)),
    putUpload: ({ id, bucket, key, started, details }: Upload): void =>
      void sql('INSERT INTO uploads VALUES (?, ?, ?, ?, ?)').run(id, bucket, key, started, JSON.stringify(details)),
    /** With its parts; answers their files. */
    deleteUpload(id: string): string[] {
      const files = sql('SELECT file FROM parts WHERE upload = ?').all(id);
      sql('DELETE FROM uploads WHERE id = ?').run(id);
      return files.map(({ file }) => String(file));
    },
    /** By number. */
    parts: (upload: string): Part[] =>
      sql('SELECT * FROM parts WHERE upload = ? ORDER BY number')
        .all(upload)
        .map((row) => partSchema.parse(row)),
    /** Answers the file of the part that it replaces. */
    putPart(upload: string, { number, file, size, etag, modified, checksum }: Part): string | undefined {
      const old = sql('SELECT file FROM parts WHERE upload = ? AND number = ?').get(upload, number);
      sql('INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?, ?, ?)').run(
        ...[upload, number, file, size, etag, modified, JSON.stringify(checksum ?? null)],
      );
      return old && String(old.file);
    },
    /** Of every object and part. */
    files: (): Set<string> =>
      new Set(
        sql('SELECT file FROM objects UNION ALL SELECT file FROM parts')
          .all()
          .map(({ file }) => String(file)),
      ),
    close: (): void => db.close(),
  };
}
