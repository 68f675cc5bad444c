/** Typed context: what an operator may decide, and what a mistake is answered. */
import { expect, it } from 'vitest';
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
