/** What the host and a worker say to each other. Events and results travel as JSON text, as on AWS. */

export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** What a worker is born with. */
export interface SandboxData {
  /** File URL of the TypeScript entry. */
  readonly entry: string;
  readonly exportName: string;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly memoryMb: number;
  readonly log: { readonly directory: string; readonly group: string; readonly stream: string; readonly json: boolean };
  /** Milliseconds to add to the machine's clock, one signed 64-bit number. */
  readonly clockOffset: SharedArrayBuffer;
  readonly clockMoved: boolean;
  /** Folder of Node's cache of compiled code, if whoever started the host named one. */
  readonly compileCache: string | undefined;
}

export interface InvokeMessage {
  readonly kind: 'invoke';
  readonly requestId: string;
  readonly functionArn: string;
  readonly event: string;
  readonly timeoutMs: number;
  /** JSON text of the caller's client context. */
  readonly clientContext?: string;
}

export type ToSandbox = InvokeMessage | { readonly kind: 'clock-moved' };

export type FromSandbox =
  | { readonly kind: 'ready' }
  | { readonly kind: 'init-error'; readonly error: FunctionError }
  | { readonly kind: 'result'; readonly requestId: string; readonly payload: string }
  | { readonly kind: 'error'; readonly requestId: string; readonly error: FunctionError }
  /** The process would end by this error; the worker stops right after. */
  | { readonly kind: 'fatal'; readonly error: FunctionError };

/** An error as Lambda's Node runtime reports it. */
export function describeError(error: unknown): FunctionError {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}
