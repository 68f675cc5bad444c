/**
 * Keys of what an account has imported, in the entity table: under the id that a thing had in its archive, the id that it has here. So the
 * same archive again, or another one of the same things, finds them.
 *
 * | pk                    | sk         | members                                                       |
 * |-----------------------|------------|---------------------------------------------------------------|
 * | `A#{account}#ORIGINS` | `{source}` | `id`; `by`: the import, and when it was started; `made`: the thing was written (a later lack means that it was deleted) |
 */
export const originKey = (account: string, source: string) => ({ pk: `A#${account}#ORIGINS`, sk: source });
