/** The endpoint's domain configuration: on the laptop one listener, named localhost, with the template's TLS policy. */
import { createHash } from 'node:crypto';
import type { SecureVersion } from 'node:tls';
import * as z from 'zod';
import type { ResourceProvider } from '../../../contract.ts';
import type { Arns } from '../arns.ts';
import { notFound } from '../errors.ts';
import { physicalName } from './physical-name.ts';

export const DOMAIN_NAME = 'localhost';

export interface TlsVersions {
  readonly minVersion: SecureVersion;
  readonly maxVersion: SecureVersion;
}

/** AWS's policies that allow nothing older than TLS 1.2; the others stop the boot. */
const VERSIONS = {
  IoTSecurityPolicy_TLS13_1_3_2022_10: { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' },
  IoTSecurityPolicy_TLS13_1_2_2022_10: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' },
  IoTSecurityPolicy_TLS12_1_2_2022_10: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' },
} as const satisfies Record<string, TlsVersions>;
type SecurityPolicy = keyof typeof VERSIONS;
const WITHOUT_CONFIGURATION: SecurityPolicy = 'IoTSecurityPolicy_TLS13_1_2_2022_10';

const properties = z.object({
  DomainConfigurationName: z.string().optional(),
  DomainConfigurationStatus: z.literal('ENABLED').optional(),
  DomainName: z.string().optional(),
  ServiceType: z.literal('DATA').optional(),
  ApplicationProtocol: z.enum(['SECURE_MQTT', 'DEFAULT']).optional(),
  AuthenticationType: z.enum(['AWS_X509', 'DEFAULT']).optional(),
  TlsConfig: z
    .object({
      SecurityPolicy: z.enum([
        'IoTSecurityPolicy_TLS13_1_3_2022_10',
        'IoTSecurityPolicy_TLS13_1_2_2022_10',
        'IoTSecurityPolicy_TLS12_1_2_2022_10',
      ]),
    })
    .optional(),
});

interface DomainConfiguration {
  readonly name: string;
  readonly domainType: 'AWS_MANAGED' | 'CUSTOMER_MANAGED';
  readonly securityPolicy: SecurityPolicy;
}
export interface DomainConfigurations {
  arn(name: string): string;
  /** As the API answers it. */
  describe(name: string): object;
  tlsVersions(): TlsVersions;
  readonly provider: ResourceProvider;
}

export function createDomainConfigurations(arns: Arns): DomainConfigurations {
  let current: DomainConfiguration | undefined;
  const arn = (name: string) =>
    arns.of('domainconfiguration', `${name}/${createHash('sha256').update(name).digest('hex').slice(0, 5)}`);

  const provider: ResourceProvider = {
    type: 'AWS::IoT::DomainConfiguration',
    honoured: {
      DomainConfigurationName: 'the name that DescribeDomainConfiguration takes',
      DomainConfigurationStatus: 'must be ENABLED',
      ServiceType: 'must be DATA',
      ApplicationProtocol: 'must be MQTT',
      AuthenticationType: 'must be X.509',
      'TlsConfig.SecurityPolicy': "sets the listener's TLS versions; one older than TLS 1.2 stops the boot",
    },
    ignored: {
      DomainName: 'the laptop is localhost for its devices',
      ServerCertificateArns: "the listener shows a certificate of the laptop's own authority",
      ValidationCertificateArn: 'there is no domain to prove the ownership of',
      Tags: 'nothing on the laptop reads tags',
    },
    create: async (resource) => {
      const parsed = properties.parse(resource.properties);
      const name = parsed.DomainConfigurationName ?? physicalName(resource, '-');
      if (current && current.name !== name)
        throw new Error('the laptop has one MQTT listener, and the template a second AWS::IoT::DomainConfiguration');
      const domainType = parsed.DomainName === undefined ? 'AWS_MANAGED' : 'CUSTOMER_MANAGED';
      current = { name, domainType, securityPolicy: parsed.TlsConfig?.SecurityPolicy ?? WITHOUT_CONFIGURATION };
      return { ref: name, attributes: { Arn: arn(name), DomainType: domainType, ServerCertificates: [] } };
    },
  };

  return {
    arn,
    provider,
    tlsVersions: () => VERSIONS[current?.securityPolicy ?? WITHOUT_CONFIGURATION],
    describe: (name) => {
      if (current?.name !== name) throw notFound(`Domain configuration ${name} not found`);
      return {
        domainConfigurationName: name,
        domainConfigurationArn: arn(name),
        domainName: DOMAIN_NAME,
        serverCertificates: [],
        domainConfigurationStatus: 'ENABLED',
        serviceType: 'DATA',
        domainType: current.domainType,
        tlsConfig: { securityPolicy: current.securityPolicy },
      };
    },
  };
}
