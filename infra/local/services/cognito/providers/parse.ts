/** A template's properties by a schema; the error names the resource, since it stops the boot. */
import * as z from 'zod';
import type { Resource } from '../../../contract.ts';

export const nameOf = (resource: Resource): string => `${resource.stack}/${resource.logicalId}`;

export function parseProperties<T>(resource: Resource, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(resource.properties);
  if (!parsed.success) throw new Error(`${nameOf(resource)} (${resource.type}): ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
