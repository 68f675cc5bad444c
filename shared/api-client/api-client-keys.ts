/**
 * Keys of API clients, in the entity table.
 *
 * | pk                        | sk         | what          |
 * |---------------------------|------------|---------------|
 * | `A#{account}#API-CLIENTS` | `{client}` | an API client |
 */
export const apiClientPartition = (account: string) => `A#${account}#API-CLIENTS`;
export const apiClientKey = (account: string, client: string) => ({ pk: apiClientPartition(account), sk: client });
