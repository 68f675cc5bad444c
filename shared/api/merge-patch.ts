/** JSON Merge Patch (RFC 7396) of a flat entity: `null` takes a member away, what is left out stays. */
export function mergePatch<T extends object>(
  entity: T,
  patch: { readonly [K in keyof T]?: T[K] | null | undefined },
): T {
  const changes = Object.entries(patch).filter(([, value]) => value !== undefined);
  const merged = Object.entries({ ...entity, ...Object.fromEntries(changes) }).filter(([, value]) => value !== null);
  return Object.fromEntries(merged) as T;
}
