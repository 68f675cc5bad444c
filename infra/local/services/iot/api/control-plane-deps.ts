/** What the routes of the control plane work on. */
import type { Arns } from '../arns.ts';
import type { CertificateAuthority } from '../pki/certificate-authority.ts';
import type { DomainConfigurations } from '../providers/domain-configuration.ts';
import type { Registry } from '../registry/registry.ts';

export interface ControlPlane {
  readonly registry: Registry;
  readonly arns: Arns;
  readonly ca: CertificateAuthority;
  readonly domains: DomainConfigurations;
}
