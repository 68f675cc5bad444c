/**
 * Keys of connectors, in the entity table. What lets a request in, the hash of the secret, stands in the directory.
 *
 * | pk                       | sk            | what        |
 * |--------------------------|---------------|-------------|
 * | `A#{account}#CONNECTORS` | `{connector}` | a connector |
 */
export const connectorPartition = (account: string) => `A#${account}#CONNECTORS`;
export const connectorKey = (account: string, connector: string) => ({
  pk: connectorPartition(account),
  sk: connector,
});
