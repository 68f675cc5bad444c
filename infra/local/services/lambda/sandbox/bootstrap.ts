/**
 * The inside of a worker: what Lambda's Node runtime is on AWS. It closes the outside world off, loads the handler, and answers one
 * event after the other. It knows nothing of the host but the messages.
 */
import { enableCompileCache, flushCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { captureOutput } from './log-writer.ts';
import { allowLoopbackOnly } from './loopback-only.ts';
import { describeError, type FromSandbox, type InvokeMessage, type SandboxData, type ToSandbox } from './messages.ts';
import { installMovedClock } from './moved-clock.ts';

type Handler = (event: unknown, context: unknown) => unknown;

const data: SandboxData = workerData;
const port = parentPort;
if (!port) throw new Error('This file runs as a worker');
const tell = (message: FromSandbox) => port.postMessage(message);

let current: InvokeMessage | undefined;
let cacheIsDue = data.compileCache !== undefined;
if (data.compileCache !== undefined) enableCompileCache(data.compileCache);
allowLoopbackOnly();
if (data.clockMoved) installMovedClock(data.clockOffset);
captureOutput(data.log, () => current?.requestId);

process.on('unhandledRejection', (reason) => {
  const trace = reason instanceof Error ? (reason.stack ?? '').split('\n') : [];
  tell({
    kind: 'fatal',
    error: { errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: String(reason), trace },
  });
  process.exit(128);
});

async function load(): Promise<Handler> {
  const module: Record<string, unknown> = await import(data.entry);
  const handler = module[data.exportName];
  const named = `${data.exportName} in ${data.entry}`;
  if (typeof handler !== 'function') {
    throw Object.assign(new Error(`${named} is undefined or not exported`), { name: 'Runtime.HandlerNotFound' });
  }
  if (handler.length > 2) {
    const message = `${named} takes a callback, which Node.js 24 on Lambda no longer serves`;
    throw Object.assign(new Error(message), { name: 'Runtime.CallbackHandlerDeprecated' });
  }
  return (event, context) => Reflect.apply(handler, undefined, [event, context]);
}

function contextOf(message: InvokeMessage) {
  // By the monotonic clock: a moved clock must not lengthen or end an invocation.
  const deadline = performance.now() + message.timeoutMs;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: data.functionName,
    functionVersion: data.functionVersion,
    invokedFunctionArn: message.functionArn,
    memoryLimitInMB: String(data.memoryMb),
    awsRequestId: message.requestId,
    logGroupName: data.log.group,
    logStreamName: data.log.stream,
    ...(message.clientContext === undefined ? {} : { clientContext: JSON.parse(message.clientContext) }),
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(deadline - performance.now())),
  };
}

async function answer(handler: Handler, message: InvokeMessage): Promise<FromSandbox> {
  const { requestId } = message;
  try {
    const result = await handler(JSON.parse(message.event), contextOf(message));
    return { kind: 'result', requestId, payload: JSON.stringify(result) ?? 'null' };
  } catch (error) {
    console.error('Invoke Error', JSON.stringify(describeError(error)));
    return { kind: 'error', requestId, error: describeError(error) };
  }
}

try {
  const handler = await load();
  port.on('message', async (message: ToSandbox) => {
    if (message.kind === 'clock-moved') return installMovedClock(data.clockOffset);
    current = message;
    tell(await answer(handler, message));
    // Not before: by now what a request needs is compiled. Not at the end: a worker is ended from outside.
    if (cacheIsDue) flushCompileCache();
    cacheIsDue = false;
    if (current === message) current = undefined;
  });
  tell({ kind: 'ready' });
} catch (error) {
  console.error('Init Error', JSON.stringify(describeError(error)));
  const described = describeError(error);
  const missing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
  tell({
    kind: 'init-error',
    error: missing ? { ...described, errorType: 'Runtime.ImportModuleError' } : described,
  });
}
