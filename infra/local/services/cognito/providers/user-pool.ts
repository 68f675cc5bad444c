import type { ResourceProvider } from '../../../contract.ts';
import type { Core } from '../core.ts';
import { parsePoolSettings } from '../pool/pool-settings.ts';
import { nameOf } from './parse.ts';

const REPORTED = 'kept and reported by DescribeUserPool; no effect on the laptop';
const FIXED = ['UsernameAttributes', 'UsernameConfiguration'] as const;

/** A user pool keeps its id and key for as long as the data directory lives; most properties change in place. */
export const userPoolProvider = ({ pools, keys }: Core): ResourceProvider => ({
  type: 'AWS::Cognito::UserPool',
  honoured: {
    UserPoolName: 'shown by DescribeUserPool and in authenticator apps',
    'Policies.PasswordPolicy.MinimumLength': 'checked, and told to people who choose a password',
    'Policies.PasswordPolicy.RequireUppercase': 'checked and told',
    'Policies.PasswordPolicy.RequireLowercase': 'checked and told',
    'Policies.PasswordPolicy.RequireNumbers': 'checked and told',
    'Policies.PasswordPolicy.RequireSymbols': 'checked and told',
    'Policies.PasswordPolicy.TemporaryPasswordValidityDays': 'a temporary password ends after it',
    UsernameAttributes:
      'email: people sign in with their address and get a random user name; others are refused; never changes',
    UsernameConfiguration: 'whether capitals matter in names and addresses (by default they do); never changes',
    'AdminCreateUserConfig.AllowAdminCreateUserOnly': 'must be true: the laptop has no page to sign up',
    'AdminCreateUserConfig.InviteMessageTemplate.EmailMessage': 'the invitation, with {username} and {####}',
    'AdminCreateUserConfig.InviteMessageTemplate.EmailSubject': 'its subject',
    MfaConfiguration:
      'ON: everybody sets up an authenticator app at the login page; OPTIONAL: asked of who has one; OFF',
    EnabledMfas: 'MfaConfiguration ON needs SOFTWARE_TOKEN_MFA here',
    Schema: 'names the custom and required attributes, and those that cannot be changed',
    DeletionProtection: REPORTED,
    AutoVerifiedAttributes: `${REPORTED}: nothing is verified by a code`,
    AccountRecoverySetting: `${REPORTED}: an administrator resets passwords`,
    EmailVerificationMessage: REPORTED,
    EmailVerificationSubject: REPORTED,
    SmsVerificationMessage: REPORTED,
    VerificationMessageTemplate: REPORTED,
    UserAttributeUpdateSettings: REPORTED,
    UserPoolTier: REPORTED,
    UserPoolAddOns: `${REPORTED}: there is no threat protection`,
    UserPoolTags: REPORTED,
  },
  ignored: {
    EmailConfiguration: 'mails go to the outbox, whoever would send them on AWS',
    'AdminCreateUserConfig.InviteMessageTemplate.SMSMessage': 'no SMS is sent',
    'AdminCreateUserConfig.UnusedAccountValidityDays': 'superseded by TemporaryPasswordValidityDays',
    DeviceConfiguration: 'browsers are not remembered as devices',
  },
  async create(resource) {
    const name = nameOf(resource);
    const settings = parsePoolSettings(name, resource.properties);
    const before = pools.byResource(name)?.settings;
    for (const property of FIXED)
      if (before && JSON.stringify(before[property]) !== JSON.stringify(settings[property]))
        throw new Error(`${name}: ${property} of a user pool cannot change; start with a fresh data directory`);
    const { id } = pools.put(name, settings);
    keys.ensure(id);
    const url = pools.issuer(id);
    const ProviderName = url.replace('https://', '');
    return { ref: id, attributes: { Arn: pools.arn(id), ProviderName, ProviderURL: url, UserPoolId: id } };
  },
});
