/** Ids that tests can tell apart. */
import { ID_PREFIXES, type IdKind } from '../../../shared/platform/ids.ts';

export const idOf = (kind: IdKind, n: number): string =>
  `${ID_PREFIXES[kind]}_01jz8k3m5nq7r9t1v3w5x7${String(n).padStart(4, '0')}`;
