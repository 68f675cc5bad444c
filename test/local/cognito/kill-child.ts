/** A host that the restart test kills: deploys, tells what it made, then creates people until it is gone. */
import { AdminCreateUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { type Host, PASSWORD, startHost } from './harness.ts';
import { EMAIL, getTokens } from './sign-in.ts';
import { deploy } from './template.ts';

const tell = (message: unknown) => process.stdout.write(`${JSON.stringify(message)}\n`);

async function createForever(host: Host, UserPoolId: string): Promise<never> {
  for (let n = 0; ; n += 1) {
    const Username = `person${n}@example.org`;
    await host.api.send(new AdminCreateUserCommand({ UserPoolId, Username, MessageAction: 'SUPPRESS' }));
    tell({ created: Username });
  }
}

const host = await startHost({ dir: process.argv[2] ?? '' });
const app = await deploy(host);
await host.cognito.ensureUser(app.poolId, EMAIL, PASSWORD);
const tokens = await getTokens(host, app);
tell({ app, refreshToken: tokens.refresh_token, keys: host.cognito.jwks(app.poolId).keys });
await createForever(host, app.poolId);
