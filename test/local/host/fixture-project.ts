/** A project with an app of its own: one function behind an API, two user pools. Its "CDK app" copies hand-written templates. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { temporaryFolder, writeAssembly } from './fixture.ts';

const ref = (Ref: string) => ({ Ref });
const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const output = (Value: unknown) => ({ Value });
const resource = (Type: string, Properties: object, more: object = {}) => ({ Type, Properties, ...more });

const pool = {
  AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
  UsernameAttributes: ['email'],
  AutoVerifiedAttributes: ['email'],
  Policies: { PasswordPolicy: { MinimumLength: 12, RequireSymbols: true, RequireNumbers: true } },
};
const people = (UserPoolId: unknown) => ({
  UserPoolId,
  AllowedOAuthFlowsUserPoolClient: true,
  AllowedOAuthFlows: ['code'],
  AllowedOAuthScopes: ['openid'],
  CallbackURLs: ['http://localhost:3000/callback'],
  SupportedIdentityProviders: ['COGNITO'],
});

const state = {
  Resources: {
    Table: resource('AWS::DynamoDB::GlobalTable', {
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      Replicas: [{ Region: ref('AWS::Region') }],
    }),
    Customers: resource('AWS::Cognito::UserPool', pool),
    CustomersDomain: resource('AWS::Cognito::UserPoolDomain', { UserPoolId: ref('Customers'), Domain: 'fixture' }),
    Operators: resource('AWS::Cognito::UserPool', pool),
    OperatorsDomain: resource('AWS::Cognito::UserPoolDomain', {
      UserPoolId: ref('Operators'),
      Domain: 'fixture-operators',
    }),
    Scopes: resource('AWS::Cognito::UserPoolResourceServer', {
      UserPoolId: ref('Customers'),
      Identifier: 'fixture',
      Name: 'fixture',
      Scopes: [{ ScopeName: 'operator', ScopeDescription: 'all' }],
    }),
    People: resource('AWS::Cognito::UserPoolClient', people(ref('Customers'))),
    OperatorPeople: resource('AWS::Cognito::UserPoolClient', people(ref('Operators'))),
    Program: resource(
      'AWS::Cognito::UserPoolClient',
      {
        UserPoolId: ref('Customers'),
        GenerateSecret: true,
        AllowedOAuthFlowsUserPoolClient: true,
        AllowedOAuthFlows: ['client_credentials'],
        AllowedOAuthScopes: ['fixture/operator'],
      },
      { DependsOn: 'Scopes' },
    ),
    Api: resource('AWS::ApiGatewayV2::Api', { Name: 'fixture', ProtocolType: 'HTTP' }),
    Stage: resource('AWS::ApiGatewayV2::Stage', { ApiId: ref('Api'), StageName: '$default', AutoDeploy: true }),
  },
  Outputs: {
    ApiUrl: output({ 'Fn::GetAtt': ['Api', 'ApiEndpoint'] }),
    UserPoolId: output(ref('Customers')),
    PublicClientId: output(ref('People')),
    OperatorClientId: output(ref('Program')),
    OperatorPoolId: output(ref('Operators')),
    OperatorPublicClientId: output(ref('OperatorPeople')),
    Api: { Value: ref('Api'), Export: { Name: 'State:Api' } },
    Table: { Value: ref('Table'), Export: { Name: 'State:Table' } },
    TableArn: { Value: arn('Table'), Export: { Name: 'State:TableArn' } },
  },
};

const imported = (name: string) => ({ 'Fn::ImportValue': `State:${name}` });

const service = {
  Resources: {
    Role: resource('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      },
    }),
    Policy: resource('AWS::IAM::Policy', {
      PolicyName: 'count',
      Roles: [ref('Role')],
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'dynamodb:UpdateItem', Resource: imported('TableArn') }],
      },
    }),
    Counter: resource(
      'AWS::Lambda::Function',
      {
        Code: { S3Bucket: 'assets', S3Key: 'counter.zip' },
        Handler: 'index.handler',
        Runtime: 'nodejs24.x',
        Timeout: 10,
        MemorySize: 256,
        Role: arn('Role'),
        Environment: { Variables: { TABLE: imported('Table') } },
      },
      { Metadata: { 'custodia:entry': 'functions/http/counter.ts' }, DependsOn: ['Policy'] },
    ),
    Integration: resource('AWS::ApiGatewayV2::Integration', {
      ApiId: imported('Api'),
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: arn('Counter'),
      PayloadFormatVersion: '2.0',
    }),
    Route: resource('AWS::ApiGatewayV2::Route', {
      ApiId: imported('Api'),
      RouteKey: 'POST /count',
      AuthorizationType: 'NONE',
      Target: { 'Fn::Join': ['', ['integrations/', ref('Integration')]] },
    }),
    Permission: resource('AWS::Lambda::Permission', {
      Action: 'lambda:InvokeFunction',
      FunctionName: arn('Counter'),
      Principal: 'apigateway.amazonaws.com',
    }),
  },
};

/** Counts in the table, and says when, and where it reads keys of tokens. */
const COUNTER = (library: string) => `
import { DynamoDBClient, UpdateItemCommand } from ${JSON.stringify(library)};
const dynamodb = new DynamoDBClient({});
export const handler = async () => {
  const { Attributes } = await dynamodb.send(new UpdateItemCommand({
    TableName: process.env.TABLE,
    Key: { pk: { S: 'counter' }, sk: { S: '1' } },
    UpdateExpression: 'ADD n :one',
    ExpressionAttributeValues: { ':one': { N: '1' } },
    ReturnValues: 'ALL_NEW',
  }));
  return { count: Number(Attributes.n.N), now: Date.now(), jwks: process.env.JWKS_ENDPOINT_URL };
};
`;

/** Answers its root. `change` may spoil the templates first. */
export function fixtureProject(
  change: (templates: { state: typeof state; service: typeof service }) => void = () => {},
): string {
  const root = temporaryFolder();
  const templates = structuredClone({ state, service });
  change(templates);
  writeAssembly(path.join(root, 'ready'), {
    Service: { template: templates.service, dependencies: ['State'] },
    State: { template: templates.state },
  });
  mkdirSync(path.join(root, 'functions/http'), { recursive: true });
  writeFileSync(path.join(root, 'functions/http/counter.ts'), COUNTER(import.meta.resolve('@aws-sdk/client-dynamodb')));
  writeFileSync(path.join(root, 'cdk.json'), JSON.stringify({ app: 'node app.cjs' }));
  writeFileSync(
    path.join(root, 'app.cjs'),
    `require('node:fs').cpSync('ready', process.env.CDK_OUTDIR, { recursive: true });`,
  );
  return root;
}

const counted = z.object({ count: z.number(), now: z.number(), jwks: z.string() }).partial();

/** Calls the function. */
export async function count(api: string) {
  const answer = await fetch(`${api}/count`, { method: 'POST' });
  return { status: answer.status, body: counted.parse(await answer.json()) };
}
