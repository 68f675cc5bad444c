import { GatewayError } from './gateway-request.ts';

/** The function goes on by itself when the gateway no longer waits. */
export async function within<T>(ms: number, work: Promise<T>, status: 500 | 503): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const message = status === 503 ? 'Service Unavailable' : 'Internal Server Error';
    timer = setTimeout(() => reject(new GatewayError(status, message, `No answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {});
  }
}
