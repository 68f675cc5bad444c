/** Typed context: what an operator may decide, and what a mistake is answered. */
import { App } from 'aws-cdk-lib';
import { expect, it } from 'vitest';
import { readSettings } from '../../infra/settings.ts';
import { resourcesOf, synthesize } from '../support/synthesize.ts';

it('builds what is asked for', () => {
  const built = synthesize({
    stage: 'prod',
    operatorEmail: 'operator@example.com',
    apiDomain: { domainName: 'api.example.com', certificateArn: 'arn:aws:acm:eu-central-1:111111111111:certificate/a' },
    mqttDomain: {
      domainName: 'iot.example.com',
      certificateArn: 'arn:aws:acm:eu-central-1:111111111111:certificate/b',
    },
    ses: { from: 'custodia@example.com', region: 'eu-central-1' },
    callbackUrls: ['https://app.example.com/callback'],
  });
  expect(built.output).toBe('');
  expect(resourcesOf(built, 'AWS::Cognito::UserPoolUser')[0]?.Properties.Username).toBe('operator@example.com');
  expect(resourcesOf(built, 'AWS::ApiGatewayV2::DomainName')[0]?.Properties.DomainName).toBe('api.example.com');
  expect(resourcesOf(built, 'AWS::IoT::DomainConfiguration')[0]?.Properties.DomainName).toBe('iot.example.com');
  const api = resourcesOf(built, 'AWS::ApiGatewayV2::Api')[0]?.Properties;
  expect(api?.CorsConfiguration.AllowOrigins).toEqual(['https://app.example.com']);
  // Exports are downloaded by pages of the same origins.
  const archives = resourcesOf(built, 'AWS::S3::Bucket').find(({ id }) => id.startsWith('Archives'));
  const [rule, ...more] = archives?.Properties.CorsConfiguration.CorsRules ?? [];
  expect(more).toEqual([]);
  expect(rule).toMatchObject({ AllowedOrigins: ['https://app.example.com'], AllowedMethods: ['GET', 'PUT'] });
  for (const { Properties } of resourcesOf(built, 'AWS::Cognito::UserPool')) {
    expect(Properties.EmailConfiguration.From).toBe('custodia@example.com');
  }
});

it('stops at a value that makes no sense, and names it', () => {
  const refused = synthesize({ stage: 'production', operatorEmail: 'nobody' });
  expect(refused.ok).toBe(false);
  expect(refused.output).toContain('stage:');
  expect(refused.output).toContain('operatorEmail:');
});

const reading = (context: Record<string, unknown>) =>
  readSettings(new App({ context, analyticsReporting: false }).node);

it.each([
  ['a misspelt name', { operatorMail: 'operator@example.com' }, /"operatorMail"/],
  ['a domain without its certificate', { apiDomain: { domainName: 'api.example.com' } }, /apiDomain\.certificateArn: /],
  ['half a JSON on the command line', { mqttDomain: '{"domainName":' }, /mqttDomain: /],
  ['an address that is none', { ses: { from: 'custodia', region: 'eu-central-1' } }, /ses\.from: /],
  ['no callback at all', { callbackUrls: [] }, /callbackUrls: /],
  ['an origin that is no URL', { allowedOrigins: ['app'] }, /allowedOrigins\.0: /],
])('names %s', (_what, context, name) => {
  expect(() => reading(context)).toThrow(name);
});

it('takes lists and objects from the command line as JSON, and leaves the CDK its own', () => {
  const { callbackUrls, apiDomain } = reading({
    callbackUrls: '["https://app.example.com/callback"]',
    apiDomain: '{"domainName":"api.example.com","certificateArn":"arn:aws:acm:a"}',
    '@aws-cdk/some:flag': true,
    'hosted-zone:account=1:name=example.com': {},
    'cli-telemetry': false,
  });
  expect(callbackUrls).toEqual(['https://app.example.com/callback']);
  expect(apiDomain).toEqual({ domainName: 'api.example.com', certificateArn: 'arn:aws:acm:a' });
});
