/** Things, groups and certificates of AWS IoT, as the provisioner makes and ends them. Each step may be done again. */
import { setTimeout } from 'node:timers/promises';
import {
  AddThingToThingGroupCommand,
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CertificateValidationException,
  CreateCertificateFromCsrCommand,
  CreateKeysAndCertificateCommand,
  CreateThingCommand,
  CreateThingGroupCommand,
  DeleteCertificateCommand,
  DeleteConflictException,
  DeleteThingCommand,
  DeleteThingGroupCommand,
  DescribeDomainConfigurationCommand,
  DetachThingPrincipalCommand,
  InvalidRequestException,
  type IoTClient,
  ListThingPrincipalsCommand,
  ResourceNotFoundException,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import {
  DeleteConnectionCommand,
  type IoTDataPlaneClient,
  ResourceNotFoundException as NotConnected,
} from '@aws-sdk/client-iot-data-plane';

const DETACH_TRIES = 4;
const DETACH_PAUSE_MS = 1000;

/** The certificate signing request can't be signed. */
export class BadCsr extends Error {
  constructor(options?: ErrorOptions) {
    super('The certificate signing request is not valid.', options);
    this.name = 'BadCsr';
  }
}

export interface MadeCertificate {
  readonly certificateId: string;
  readonly certificatePem: string;
  readonly privateKeyPem?: string;
  readonly arn: string;
}

const certificateIdOf = (arn: string) => arn.slice(arn.lastIndexOf('/') + 1);

/** Something that is gone already is as good as removed. */
async function unlessGone(removal: Promise<unknown>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException) && !(error instanceof NotConnected)) throw error;
  }
}

/** AWS detaches within seconds, and until then keeps what is attached. */
async function onceDetached(remove: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await unlessGone(remove());
    } catch (error) {
      if (!(error instanceof DeleteConflictException) || tries === DETACH_TRIES) throw error;
      await setTimeout(DETACH_PAUSE_MS);
    }
  }
}

export function things(iot: IoTClient, data: IoTDataPlaneClient, policyName: string) {
  /** ARNs of the device's certificates; none for a device that is gone. */
  async function attached(device: string): Promise<string[]> {
    try {
      return (await iot.send(new ListThingPrincipalsCommand({ thingName: device }))).principals ?? [];
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return [];
      throw error;
    }
  }

  return {
    /** The policy is attached to the product's group: to refuse a product is to detach one policy. */
    async addProduct(product: string): Promise<void> {
      const { thingGroupArn } = await iot.send(new CreateThingGroupCommand({ thingGroupName: product }));
      await iot.send(new AttachPolicyCommand({ policyName, target: thingGroupArn }));
    },

    removeProduct: (product: string) => unlessGone(iot.send(new DeleteThingGroupCommand({ thingGroupName: product }))),

    async addDevice(device: string, attributes: { account: string; product: string }): Promise<void> {
      await iot.send(new CreateThingCommand({ thingName: device, attributePayload: { attributes } }));
      await iot.send(new AddThingToThingGroupCommand({ thingName: device, thingGroupName: attributes.product }));
    },

    /** Its certificates have to go before. */
    async removeDevice(device: string): Promise<void> {
      await this.cut(device);
      await unlessGone(iot.send(new DeleteThingCommand({ thingName: device })));
    },

    /** Ids of the device's certificates; none for a device that is gone. */
    certificates: async (device: string): Promise<string[]> => (await attached(device)).map(certificateIdOf),

    /** A certificate that only this device may connect with. */
    async addCertificate(device: string, csr: string | undefined): Promise<MadeCertificate> {
      const made = csr === undefined ? await generate() : await sign(csr);
      const { certificateArn: arn, certificateId, certificatePem } = made;
      if (!arn || !certificateId || !certificatePem) throw new Error('AWS IoT answered no certificate.');
      await iot.send(
        new AttachThingPrincipalCommand({ thingName: device, principal: arn, thingPrincipalType: 'EXCLUSIVE_THING' }),
      );
      return {
        arn,
        certificateId,
        certificatePem,
        ...(made.privateKeyPem ? { privateKeyPem: made.privateKeyPem } : {}),
      };
    },

    async removeCertificate(device: string, certificateId: string): Promise<void> {
      await unlessGone(iot.send(new UpdateCertificateCommand({ certificateId, newStatus: 'INACTIVE' })));
      const principal = (await attached(device)).find((arn) => certificateIdOf(arn) === certificateId);
      if (principal) await unlessGone(iot.send(new DetachThingPrincipalCommand({ thingName: device, principal })));
      await onceDetached(() => iot.send(new DeleteCertificateCommand({ certificateId })));
    },

    /** Cuts the device's connection, if there is one. */
    cut: (device: string) => unlessGone(data.send(new DeleteConnectionCommand({ clientId: device }))),
  };

  async function generate() {
    const made = await iot.send(new CreateKeysAndCertificateCommand({ setAsActive: true }));
    return { ...made, privateKeyPem: made.keyPair?.PrivateKey };
  }

  async function sign(csr: string) {
    try {
      const made = await iot.send(
        new CreateCertificateFromCsrCommand({ certificateSigningRequest: csr, setAsActive: true }),
      );
      return { ...made, privateKeyPem: undefined };
    } catch (error) {
      if (error instanceof InvalidRequestException || error instanceof CertificateValidationException) {
        throw new BadCsr({ cause: error });
      }
      throw error;
    }
  }
}
export type Things = ReturnType<typeof things>;

/** The host that devices connect to, read at run time: a domain configuration has no attribute for it. */
export async function mqttHost(iot: IoTClient, domainConfigurationName: string): Promise<string> {
  const { domainName } = await iot.send(new DescribeDomainConfigurationCommand({ domainConfigurationName }));
  if (!domainName) throw new Error('The domain configuration has no domain name.');
  return domainName;
}
