import { X509Certificate } from 'node:crypto';
import * as z from 'zod';
import { certificateState, deleteConflict } from '../errors.ts';
import { certificateFromRequest, certificateWithKeys } from '../pki/device-certificate.ts';
import type { Certificate } from '../registry/certificates.ts';
import { certificateStatus } from '../registry/certificates.ts';
import type { ControlPlane } from './control-plane-deps.ts';
import type { Route } from './rest.ts';
import { flag, on, route } from './rest.ts';

const certificateId = z.string().regex(/^[0-9a-f]{64}$/);
const seconds = (text: string) => Date.parse(text) / 1000;

export function certificateRoutes({ registry, arns, ca }: Pick<ControlPlane, 'registry' | 'arns' | 'ca'>): Route[] {
  const cert = (id: string) => arns.of('cert', id);
  const register = (pem: string, active: boolean) => {
    const { id } = registry.certificates.register(pem, active ? 'ACTIVE' : 'INACTIVE');
    return { certificateArn: cert(id), certificateId: id, certificatePem: pem };
  };

  return [
    route({
      name: 'CreateKeysAndCertificate',
      method: 'POST',
      path: '/keys-and-certificate',
      input: z.strictObject({ setAsActive: flag.default(false) }),
      demands: () => on('CreateKeysAndCertificate', '*'),
      run: async ({ setAsActive }) => {
        const { pem, publicKey, privateKey } = await certificateWithKeys(ca);
        return { ...register(pem, setAsActive), keyPair: { PublicKey: publicKey, PrivateKey: privateKey } };
      },
    }),
    route({
      name: 'CreateCertificateFromCsr',
      method: 'POST',
      path: '/certificates',
      input: z.strictObject({ certificateSigningRequest: z.string().max(16_384), setAsActive: flag.default(false) }),
      demands: () => on('CreateCertificateFromCsr', '*'),
      run: async ({ certificateSigningRequest, setAsActive }) =>
        register(await certificateFromRequest(ca, certificateSigningRequest), setAsActive),
    }),
    route({
      name: 'DescribeCertificate',
      method: 'GET',
      path: '/certificates/{certificateId}',
      input: z.strictObject({ certificateId }),
      demands: (input) => on('DescribeCertificate', cert(input.certificateId)),
      run: (input) => ({ certificateDescription: describe(registry.certificates.get(input.certificateId)) }),
    }),
    route({
      name: 'UpdateCertificate',
      method: 'PUT',
      path: '/certificates/{certificateId}',
      input: z.strictObject({ certificateId, newStatus: certificateStatus }),
      demands: (input) => on('UpdateCertificate', cert(input.certificateId)),
      run: (input) => {
        registry.certificates.setStatus(input.certificateId, input.newStatus);
        return undefined;
      },
    }),
    route({
      name: 'DeleteCertificate',
      method: 'DELETE',
      path: '/certificates/{certificateId}',
      input: z.strictObject({ certificateId, forceDelete: flag.default(false) }),
      demands: (input) => on('DeleteCertificate', cert(input.certificateId)),
      run: ({ certificateId: id, forceDelete }) => {
        registry.atomically(() => remove(id, forceDelete));
        return undefined;
      },
    }),
  ];

  /** Forcing lets the policies go; it never deletes a certificate that is active or belongs to a thing. */
  function remove(id: string, force: boolean): void {
    if (registry.certificates.get(id).status === 'ACTIVE')
      throw certificateState('Certificate must be deactivated (not ACTIVE) before deletion.');
    if (registry.principals.ofCertificate(id).length > 0)
      throw deleteConflict(`Things must be detached before deletion (arn: ${cert(id)})`);
    if (!force && registry.policies.attachedTo(cert(id)).length > 0)
      throw deleteConflict(`Certificate policies must be detached before deletion (arn: ${cert(id)})`);
    registry.certificates.delete(id);
  }

  function describe({ id, pem, status, created_at, modified_at }: Certificate) {
    const { validFrom, validTo } = new X509Certificate(pem);
    return {
      certificateArn: cert(id),
      certificateId: id,
      status,
      certificatePem: pem,
      creationDate: created_at / 1000,
      lastModifiedDate: modified_at / 1000,
      certificateMode: 'DEFAULT',
      validity: { notBefore: seconds(validFrom), notAfter: seconds(validTo) },
    };
  }
}
