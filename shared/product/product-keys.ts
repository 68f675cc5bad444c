/**
 * Keys of products, in the entity table. A product's own item stands in its partition, so that a session limited to one product
 * can read it; a pointer in the account's list keeps the order of creation.
 *
 * | pk                                | sk          | what        |
 * |-----------------------------------|-------------|-------------|
 * | `A#{account}#P#{product}#PRODUCT` | `PRODUCT`   | the product |
 * | `A#{account}#PRODUCTS`            | `{product}` | the pointer |
 */
export const productKey = (account: string, product: string) => ({
  pk: `A#${account}#P#${product}#PRODUCT`,
  sk: 'PRODUCT',
});
export const productListPartition = (account: string) => `A#${account}#PRODUCTS`;
export const productPointerKey = (account: string, product: string) => ({
  pk: productListPartition(account),
  sk: product,
});
