/** Routes of products. */
import * as z from 'zod';
import { descriptionField, idParam, nameField, pageOf, pageQuery } from '../api/fields.ts';
import { route } from '../api/route.ts';
import { deletion } from '../deletion/deletion.ts';
import { idSchema } from '../platform/ids.ts';
import { propertyRoutes } from '../property/property-api.ts';
import { newProduct, product } from './product.ts';

export const productRoutes = {
  list: route({
    id: 'products.list',
    method: 'GET',
    path: '/v1/products',
    access: 'products.read',
    summary: 'List products.',
    query: pageQuery,
    output: pageOf(product),
  }),
  create: route({
    id: 'products.create',
    method: 'POST',
    path: '/v1/products',
    access: 'products.write',
    summary: 'Create a product.',
    body: newProduct,
    output: product,
  }),
  get: route({
    id: 'products.get',
    method: 'GET',
    path: '/v1/products/{id}',
    access: 'products.read',
    summary: 'One product.',
    params: idParam('product'),
    output: product,
    problems: ['not-found'],
  }),
  update: route({
    id: 'products.update',
    method: 'PATCH',
    path: '/v1/products/{id}',
    access: 'products.write',
    summary: 'Change a product (JSON Merge Patch).',
    params: idParam('product'),
    body: z
      .strictObject({ name: nameField.optional(), description: descriptionField.nullable().optional() })
      .meta({ id: 'ProductPatch', examples: [{ description: null }] }),
    output: product,
    ifMatch: 'required',
    problems: ['not-found', 'stale', 'precondition-required'],
  }),
  delete: route({
    id: 'products.delete',
    method: 'DELETE',
    path: '/v1/products/{id}',
    access: 'products.write',
    summary: 'Delete a product with its properties. A job removes its devices and the readings they hold.',
    params: idParam('product'),
    output: deletion,
    status: 202,
    orDone: true,
    ifMatch: 'optional',
    problems: ['not-found', 'stale'],
  }),
  ...propertyRoutes({
    id: 'products',
    path: '/v1/products/{id}',
    noun: 'products',
    params: { id: idSchema('product') },
  }),
};
