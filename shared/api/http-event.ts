/** The gateway's event (HTTP API, payload 2.0), as far as we read it, and the answer it takes. */
import * as z from 'zod';
import { authorizerContext } from '../identity/identity.ts';

export const httpEvent = z.object({
  routeKey: z.string(),
  rawPath: z.string(),
  rawQueryString: z.string().default(''),
  headers: z.record(z.string(), z.string()).default({}),
  pathParameters: z.record(z.string(), z.string()).default({}),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().default(false),
  requestContext: z.object({
    requestId: z.string(),
    http: z.object({ method: z.string() }),
    authorizer: z.object({ lambda: authorizerContext }).optional(),
  }),
});
export type HttpEvent = z.output<typeof httpEvent>;

export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly isBase64Encoded?: boolean;
}
