import { createHash } from 'node:crypto';
import type { Resource } from '../../../contract.ts';

/** The same name at every boot, as CloudFormation's generated names are stable: stack, logical id and a hash of both. */
export function physicalName({ stack, logicalId }: Resource, separator: '-' | '_'): string {
  const hash = createHash('sha256').update(`${stack}/${logicalId}`).digest('hex').slice(0, 12);
  return `${stack}${separator}${logicalId}${separator}${hash}`
    .replace(/[^A-Za-z0-9_-]/g, '')
    .replaceAll('-', separator);
}
