/** Routes of devices and their credentials. */
import * as z from 'zod';
import { descriptionField, idParam, nameField, pageOf, pageQuery } from '../api/fields.ts';
import { route } from '../api/route.ts';
import { deletion } from '../deletion/deletion.ts';
import { idSchema } from '../platform/ids.ts';
import { propertyRoutes } from '../property/property-api.ts';
import { credential, device, newCertificate, newCredential, newDevice, serialNumberField } from './device.ts';

export const deviceRoutes = {
  list: route({
    id: 'devices.list',
    method: 'GET',
    path: '/v1/devices',
    access: 'devices.read',
    summary: 'List devices, of one product if given.',
    query: pageQuery.extend({ product: idSchema('product').optional().describe('Only of this product.') }),
    output: pageOf(device),
    problems: ['not-found'],
  }),
  create: route({
    id: 'devices.create',
    method: 'POST',
    path: '/v1/devices',
    access: 'devices.write',
    summary: 'Create a device of a product.',
    body: newDevice,
    output: device,
    problems: ['not-found'],
  }),
  get: route({
    id: 'devices.get',
    method: 'GET',
    path: '/v1/devices/{id}',
    access: 'devices.read',
    summary: 'One device: also whether it is connected and when it was last seen.',
    params: idParam('device'),
    output: device,
    problems: ['not-found'],
  }),
  update: route({
    id: 'devices.update',
    method: 'PATCH',
    path: '/v1/devices/{id}',
    access: 'devices.write',
    summary: 'Change a device (JSON Merge Patch); its product never changes.',
    params: idParam('device'),
    body: z
      .strictObject({
        name: nameField.optional(),
        description: descriptionField.nullable().optional(),
        serialNumber: serialNumberField.nullable().optional(),
      })
      .meta({ id: 'DevicePatch', examples: [{ name: 't-1, kitchen' }] }),
    output: device,
    ifMatch: 'required',
    problems: ['not-found', 'stale', 'precondition-required'],
  }),
  delete: route({
    id: 'devices.delete',
    method: 'DELETE',
    path: '/v1/devices/{id}',
    access: 'devices.write',
    summary:
      'Delete a device with its credentials and properties; its connection is cut. A job removes the readings it holds.',
    params: idParam('device'),
    output: deletion,
    status: 202,
    orDone: true,
    ifMatch: 'optional',
    problems: ['not-found', 'stale'],
  }),
  listCredentials: route({
    id: 'devices.credentials.list',
    method: 'GET',
    path: '/v1/devices/{id}/credentials',
    access: 'devices.read',
    summary: 'List the credentials of a device.',
    params: idParam('device'),
    query: pageQuery,
    output: pageOf(credential),
    problems: ['not-found'],
  }),
  createCredential: route({
    id: 'devices.credentials.create',
    method: 'POST',
    path: '/v1/devices/{id}/credentials',
    access: 'devices.write',
    summary: 'A certificate: signed from a CSR, or generated with a private key that is shown once.',
    params: idParam('device'),
    body: newCredential,
    output: newCertificate,
    secrets: ['privateKeyPem'],
    problems: ['not-found', 'conflict'],
  }),
  deleteCredential: route({
    id: 'devices.credentials.delete',
    method: 'DELETE',
    path: '/v1/devices/{id}/credentials/{credential}',
    access: 'devices.write',
    summary: 'Revoke a credential: its data is refused within 15 seconds, its connection is cut.',
    params: z.strictObject({ id: idSchema('device'), credential: idSchema('credential') }),
    problems: ['not-found'],
  }),
  ...propertyRoutes({ id: 'devices', path: '/v1/devices/{id}', noun: 'devices', params: { id: idSchema('device') } }),
};
