/**
 * Keys of properties, in the entity table. A property's name may say something about a person, so that it is part of no key: its
 * place is a keyed hash of the name.
 *
 * | pk                               | sk                   | on        |
 * |----------------------------------|----------------------|-----------|
 * | `A#{account}#PROPERTIES`         | `{account}#{hash}`   | account   |
 * | `A#{account}#P#{product}#PROPERTIES` | `{product}#{hash}` | product |
 * | `A#{account}#P#{product}#PROPERTIES` | `{device}#{hash}` | device   |
 */
import { createHmac } from 'node:crypto';

/** The thing that carries properties. `product` is absent for the account itself. */
export interface PropertyOwner {
  readonly id: string;
  readonly product?: string | undefined;
}

export const propertyPartition = (account: string, { product }: PropertyOwner) =>
  product === undefined ? `A#${account}#PROPERTIES` : `A#${account}#P#${product}#PROPERTIES`;

export const propertyPrefix = ({ id }: PropertyOwner) => `${id}#`;

export const propertyKey = (account: string, accountKey: Uint8Array, owner: PropertyOwner, name: string) => ({
  pk: propertyPartition(account, owner),
  sk: propertyPrefix(owner) + createHmac('sha256', accountKey).update(`property ${name}`).digest('base64url'),
});
