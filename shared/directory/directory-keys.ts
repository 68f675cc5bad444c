/**
 * Keys of the directory: ids alone, no name, no e-mail, no serial number.
 *
 * | pk                 | sk          | members                                  | read by                                |
 * |--------------------|-------------|------------------------------------------|----------------------------------------|
 * | `ACCOUNTS`         | `{account}` | `createdAt`                              | registrar (the operator's list)        |
 * | `ACCOUNT#{acc}`    | `ACCOUNT`   | `status`, `createdAt`, `owners` (count)  | authorizer, broker, ingest             |
 * | `SUBJECT#{sub}`    | `{account}` | `member`, `role`                         | authorizer, broker                     |
 * | `CLIENT#{clientId}`| `CLIENT`    | `account`, `client`                      | authorizer, broker                     |
 * | `REVOCATIONS#{acc}`| `REVOCATIONS` | `n`, counted up when certificates end  | ingest                                 |
 * | `PRODUCT#{prd}`    | `PRODUCT`   | `account`, `devices` (numbers given so far) | provisioner                         |
 * | `DEVICE#{dev}`     | `DEVICE`    | `account`, `product`, `number`           | provisioner, presence                  |
 * | `CERTIFICATE#{id}` | `CERTIFICATE` | `account`, `product`, `device`, `number`, `credential` | ingest, presence       |
 * | `CONNECTOR#{con}`  | `CONNECTOR` | `account`, `product`, `connectorKind`, `createDevices`, `secretHash` | broker, provisioner, registrar |
 * | `IDEMPOTENCY#{hash}` | `IDEMPOTENCY` | `request` (hash), ids of what was opened, `ttl` | registrar                |
 */
import { createHash } from 'node:crypto';

export const accountsPartition = 'ACCOUNTS';
export const accountListKey = (account: string) => ({ pk: accountsPartition, sk: account });
export const accountKey = (account: string) => ({ pk: `ACCOUNT#${account}`, sk: 'ACCOUNT' });
export const revocationsKey = (account: string) => ({ pk: `REVOCATIONS#${account}`, sk: 'REVOCATIONS' });
export const subjectPartition = (sub: string) => `SUBJECT#${sub}`;
export const subjectKey = (sub: string, account: string) => ({ pk: subjectPartition(sub), sk: account });
export const clientKey = (clientId: string) => ({ pk: `CLIENT#${clientId}`, sk: 'CLIENT' });
export const productKey = (product: string) => ({ pk: `PRODUCT#${product}`, sk: 'PRODUCT' });
export const deviceKey = (device: string) => ({ pk: `DEVICE#${device}`, sk: 'DEVICE' });
export const connectorKey = (connector: string) => ({ pk: `CONNECTOR#${connector}`, sk: 'CONNECTOR' });
/** Of an operator, who has no account to keep an idempotency key in. */
export const idempotencyKey = (principal: string, key: string) => ({
  pk: `IDEMPOTENCY#${createHash('sha256')
    .update(JSON.stringify([principal, key]))
    .digest('base64url')}`,
  sk: 'IDEMPOTENCY',
});
export const certificateKey = (certificate: string) => ({ pk: `CERTIFICATE#${certificate}`, sk: 'CERTIFICATE' });
