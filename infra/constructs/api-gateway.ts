/**
 * The HTTP API and its one stage: what clients in the field depend on. Its routes are the service stack's. The access log has
 * neither addresses nor paths: it counts, it doesn't watch.
 */

import { Duration } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { CorsHttpMethod, DomainName, HttpApi, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import { stateLifetime } from './lifetime.ts';

const REQUEST_HEADERS = ['authorization', 'content-type', 'accept', 'if-match', 'idempotency-key', 'custodia-account'];
const ANSWER_HEADERS = ['etag', 'link', 'location', 'www-authenticate', 'retry-after'];

export class ApiGateway extends Construct {
  readonly api: HttpApi;
  readonly url: string;

  constructor(scope: Construct, id: string, { settings }: { settings: Settings }) {
    super(scope, id);
    this.api = new HttpApi(this, 'Api', {
      description: 'Custodia: the API of people and programs',
      createDefaultStage: false,
      corsPreflight: {
        allowOrigins: [...settings.allowedOrigins],
        allowMethods: [CorsHttpMethod.ANY],
        allowHeaders: REQUEST_HEADERS,
        exposeHeaders: ANSWER_HEADERS,
        maxAge: Duration.hours(1),
      },
    });
    const log = new LogGroup(this, 'AccessLog', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: stateLifetime(settings).removalPolicy,
    });
    const domainName = settings.apiDomain
      ? new DomainName(this, 'DomainName', {
          domainName: settings.apiDomain.domainName,
          certificate: Certificate.fromCertificateArn(this, 'Certificate', settings.apiDomain.certificateArn),
        })
      : undefined;
    new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      ...(domainName ? { domainMapping: { domainName } } : {}),
      throttle: { rateLimit: 500, burstLimit: 1000 },
      accessLogSettings: {
        destination: new LogGroupLogDestination(log),
        format: AccessLogFormat.custom(
          JSON.stringify({
            requestId: '$context.requestId',
            route: '$context.routeKey',
            status: '$context.status',
            milliseconds: '$context.responseLatency',
            bytes: '$context.responseLength',
            error: '$context.error.message',
          }),
        ),
      },
    });
    this.url = settings.apiDomain ? `https://${settings.apiDomain.domainName}` : this.api.apiEndpoint;
  }
}
