/** What the entry of public routes gives the edge: they have no account, so that there is none to open or to change. */
import type { EdgeDeps } from './edge.ts';

export const publicEdge: EdgeDeps = {
  openSession: () => Promise.reject(new Error('A public route has no account.')),
  audit: [],
  idempotency: [],
};
