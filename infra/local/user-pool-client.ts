/** Reads a user pool client as `aws cognito-idp describe-user-pool-client` does; the host is the owner of its own pools. */
import * as z from 'zod';
import type { AwsService } from './contract.ts';

const answer = z.object({
  UserPoolClient: z.object({ ClientSecret: z.string().default(''), CallbackURLs: z.array(z.string()).default([]) }),
});

export async function readClient(service: AwsService, UserPoolId: string, ClientId: string) {
  const operation = await service.operation({
    method: 'POST',
    url: new URL('http://127.0.0.1/'),
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AWSCognitoIdentityProviderService.DescribeUserPoolClient',
    },
    body: Buffer.from(JSON.stringify({ UserPoolId, ClientId })),
  });
  const { body } = await operation.run({ kind: 'service', service: 'cloudformation.amazonaws.com' });
  return answer.parse(JSON.parse(String(body))).UserPoolClient;
}
