/**
 * Rights on things, groups and certificates. AWS IoT has no session tags to limit them to an account, so that the provisioner alone
 * gets them, and checks the account itself; patterns cover what it names, because devices are made at run time.
 */
import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { acknowledge } from './acknowledge.ts';
import type { DeviceGateway } from './device-gateway.ts';
import type { ServiceFunction } from './service-function.ts';

/** As cdk-nag writes the prefix of an ARN. */
const NAG_ARN = 'arn:<AWS::Partition>:iot:<AWS::Region>:<AWS::AccountId>';
const RUN_TIME = 'Devices are made at run time: the pattern covers what the provisioner itself names.';
const wildcard = (resource: string) => `AwsSolutions::AwsSolutions-IAM5[Resource::${resource}]`;

const arnIn = (fn: ServiceFunction, resource: string, resourceName: string) =>
  Stack.of(fn).formatArn({ service: 'iot', resource, resourceName });

const allow = (fn: ServiceFunction, actions: string[], resources: string[]) =>
  fn.role.addToPolicy(new PolicyStatement({ actions: actions.map((action) => `iot:${action}`), resources }));

/** The provisioner's. */
export function grantThings(provisioner: ServiceFunction, devices: DeviceGateway): void {
  const things = arnIn(provisioner, 'thing', 'dev_*');
  const groups = arnIn(provisioner, 'thinggroup', 'prd_*');
  allow(provisioner, ['CreateThing', 'DeleteThing', 'DescribeThing', 'ListThingPrincipals'], [things]);
  allow(provisioner, ['CreateThingGroup', 'DeleteThingGroup'], [groups]);
  allow(provisioner, ['AddThingToThingGroup', 'RemoveThingFromThingGroup'], [things, groups]);
  allow(provisioner, ['AttachPolicy', 'DetachPolicy'], [groups, devices.policy.attrArn]);
  // AWS gives these no resource to name, or names one that doesn't exist yet.
  const unnamed = [
    'CreateKeysAndCertificate',
    'CreateCertificateFromCsr',
    'AttachThingPrincipal',
    'DetachThingPrincipal',
  ];
  allow(provisioner, unnamed, ['*']);
  allow(provisioner, ['UpdateCertificate', 'DeleteCertificate'], [arnIn(provisioner, 'cert', '*')]);
  allow(provisioner, ['DescribeDomainConfiguration'], [devices.domainConfiguration.attrArn]);
  grantCutting(provisioner);
  acknowledge(provisioner.role, {
    [wildcard(`${NAG_ARN}:thing/dev_*`)]: RUN_TIME,
    [wildcard(`${NAG_ARN}:thinggroup/prd_*`)]: RUN_TIME,
    [wildcard(`${NAG_ARN}:cert/*`)]: 'AWS names certificates by their hash, known only once made.',
    [wildcard('*')]: 'Actions on certificates that have no ARN yet, or for which AWS has no resource.',
  });
}

/** To end a device's connection. */
export function grantCutting(fn: ServiceFunction): void {
  allow(fn, ['DeleteConnection'], [arnIn(fn, 'client', 'dev_*')]);
  acknowledge(fn.role, { [wildcard(`${NAG_ARN}:client/dev_*`)]: RUN_TIME });
}
