/**
 * Code in a handler's place, as a poisoned dependency would be: with the handler's role, its environment and its callers' tokens.
 * It makes whatever AWS calls a request with the header `x-puppet` asks for, and says how each ended. Other requests go to the
 * honest handler, so that nobody notices.
 */
interface HttpEvent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}
type Handler = (event: HttpEvent, context: unknown) => unknown;

interface Call {
  /** `dynamodb`, as in `@aws-sdk/client-dynamodb`. */
  readonly service: string;
  /** `GetItem` */
  readonly command: string;
  readonly input: unknown;
  /** Instead of the role of the function. */
  readonly credentials?: unknown;
}
interface Client {
  send(command: unknown): Promise<object>;
}

export const takeOver =
  (honest: Handler): Handler =>
  async (event, context) => {
    if (!event.headers['x-puppet']) return honest(event, context);
    const text = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8').toString();
    const calls: Call[] = JSON.parse(text, bytesBack);
    const ended = [];
    for (const call of calls) ended.push(await make(call));
    return {
      statusCode: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ env: process.env, ended }, bytesAway),
    };
  };

async function make({ service, command, input, credentials }: Call) {
  const sdk: Record<string, unknown> = await import(`@aws-sdk/client-${service}`);
  const name = Object.keys(sdk).find((key) => /^[A-Z]\w+Client$/.test(key)) ?? '';
  const Client = sdk[name] as new (options: object) => Client;
  const Command = sdk[`${command}Command`] as new (input: unknown) => unknown;
  try {
    const { $metadata: _, ...output } = (await new Client(credentials ? { credentials } : {}).send(
      new Command(input),
    )) as Record<string, unknown>;
    return { output: { ...output, ...(await bodyOf(output)) } };
  } catch (error) {
    return { error: error instanceof Error ? error.name : String(error), message: String(error) };
  }
}

/** S3 answers a stream. */
async function bodyOf({ Body }: Record<string, unknown>): Promise<object> {
  const stream = Body as { transformToByteArray(): Promise<Uint8Array> } | undefined;
  return stream ? { Body: await stream.transformToByteArray() } : {};
}

/** JSON has no bytes. */
function bytesAway(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  // A Buffer has become JSON by itself before anybody asks.
  const { type, data } = Object(value);
  return type === 'Buffer' ? { $bytes: Buffer.from(data).toString('base64') } : value;
}

function bytesBack(_key: string, value: unknown): unknown {
  const { $bytes } = Object(value);
  return typeof $bytes === 'string' ? new Uint8Array(Buffer.from($bytes, 'base64')) : value;
}
