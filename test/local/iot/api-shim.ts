/** The least of a front door: finds the service of a signed request and asks for its permissions. Signatures aren't checked. */
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:http';
import type { AwsRequest, AwsResponse, AwsService, Demand } from '../../../infra/local/contract.ts';
import { AwsError } from '../../../infra/local/contract.ts';

type Authorize = (demands: readonly Demand[]) => void;

export async function serveApi(services: readonly AwsService[], authorize: Authorize) {
  const server = createServer(async (request, response) => {
    const answer = await serve(services, await readRequest(request), authorize);
    response.writeHead(answer.status, { ...answer.headers }).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

async function serve(services: readonly AwsService[], request: AwsRequest, authorize: Authorize): Promise<AwsResponse> {
  const signingName = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1];
  const service = services.find((one) => one.signingName === signingName);
  if (!service) return { status: 501, body: `nobody serves ${signingName}` };
  try {
    const operation = await service.operation(request);
    authorize(operation.demands);
    return await operation.run({ kind: 'service', service: 'test' });
  } catch (error) {
    if (error instanceof AwsError) return service.errorResponse(error);
    return { status: 500, body: String(error) };
  }
}

async function readRequest(request: IncomingMessage): Promise<AwsRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return {
    method: request.method ?? '',
    url: new URL(request.url ?? '', 'http://localhost'),
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
    body: Buffer.concat(chunks),
  };
}
