/** `data/coverage.json`: of every registered store, what of it is inside, or why nothing is. */
import type { DocumentKind } from '../archive/schemas.ts';
import { STORES, type Store } from '../archive/store-registry.ts';
import { isoTime } from '../platform/clock.ts';
import { kindsOfScope } from './archive-files.ts';
import { type ExportInput, neededFor } from './export.ts';

interface Found {
  readonly files: number;
  readonly rows: number;
}

/** `found`: by kind, what was written; `waiting`: messages that were on their way in at the cut. */
export function coverage(input: ExportInput, found: ReadonlyMap<string, Found>, waiting: number) {
  const { scope, from, to, cut } = input;
  return {
    scope,
    ...(from === undefined ? {} : { from: isoTime(from) }),
    ...(to === undefined ? {} : { to: isoTime(to) }),
    cut: isoTime(cut),
    waitingMessages: waiting,
    stores: STORES.map((store) => ({ store: store.name, ...stateOf(store, input, found) })),
  };
}

function stateOf(store: Store, input: ExportInput, found: ReadonlyMap<string, Found>) {
  if ('excluded' in store) return { state: 'excluded', reason: store.excluded };
  const kinds = store.exported;
  const written = kinds.flatMap((kind) => found.get(kind) ?? []);
  if (written.length > 0) {
    const sum = (of: (one: Found) => number) => written.reduce((total, one) => total + of(one), 0);
    return { state: 'exported', files: sum(({ files }) => files), rows: sum(({ rows }) => rows) };
  }
  const part = kindsOfScope(input);
  if (!kinds.some((kind) => part.has(kind))) return { state: 'excluded', reason: 'No part of this scope.' };
  const denied = kinds.filter((kind: DocumentKind) => !input.kinds.includes(kind));
  if (denied.length === 0) return { state: 'exported', files: 0, rows: 0 };
  const scopes = denied.map((kind) => `custodia/${neededFor(kind)}`);
  return { state: 'excluded', reason: `Who asked for the export lacked ${scopes.join(', ')}.` };
}
