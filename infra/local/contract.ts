/**
 * The laptop host's own interfaces: what a service, a resource provider and the wiring promise each other.
 *
 * The host is "AWS on a laptop" for one synthesized CDK app. It knows nothing of Custodia's code: it reads
 * CloudFormation templates (a `ResourceProvider` per type), answers AWS API calls at one front door (an `AwsService` per
 * signing name, every call checked against the template's IAM policies by the `Authority`), and runs functions.
 */

import type { Readable } from 'node:stream';

/** The AWS account id and region that the laptop plays. */
export interface Place {
  readonly account: string;
  readonly region: string;
}

/** Epoch milliseconds. The control socket may move it; nothing in the host calls `Date.now()` for domain time. */
export interface Clock {
  now(): number;
}

/** What every service is given. `dir` is its own folder below the data directory; it exists. */
export interface ServiceContext extends Place {
  readonly dir: string;
  readonly clock: Clock;
  readonly authority: Authority;
  /** One line for the host's log: no secrets, no payloads. */
  log(message: string): void;
}

/** All of a request but its payload. */
export interface RequestHead {
  readonly method: string;
  /** Path and query. Dots in the path are resolved: where they mean something (S3 keys), see `target`. */
  readonly url: URL;
  /** Path and query exactly as sent; absent where no front door stands before. */
  readonly target?: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface AwsRequest extends RequestHead {
  /** Empty for a service that `streams`. */
  readonly body: Buffer;
  /** The payload of a request to a service that `streams`. */
  readonly stream?: BodyStream;
}

/** A payload of any length, as it arrives. */
export interface BodyStream {
  /** To be read once. It fails with an `AwsError` if it isn't what the caller signed, maybe at its very end: keep nothing before. */
  readonly bytes: AsyncIterable<Buffer>;
  /** Headers that came after the payload (`x-amz-checksum-crc32`, lower-case); known once `bytes` has ended. */
  trailers(): Readonly<Record<string, string>>;
}

export interface AwsResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream wants its `content-length` among the headers; whoever doesn't send it destroys it. */
  readonly body?: string | Buffer | Readable;
}

/** How a service answers browsers on other origins (CORS). */
export interface BrowserAccess {
  /** To a preflight (OPTIONS), which nobody signs. */
  preflight(request: RequestHead): AwsResponse;
  /** Added to every answer, refusals included: otherwise a page could not read them. */
  headers(request: RequestHead): Readonly<Record<string, string>>;
}

/** One permission that a call needs. `context` holds condition keys (`dynamodb:LeadingKeys`, …); absent means absent. */
export interface Demand {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Who calls: a role's session (a function, an assumed role), or an AWS service acting for a resource of the template. */
export type Principal =
  | {
      readonly kind: 'session';
      readonly roleArn: string;
      /** `arn:aws:sts::…:assumed-role/{role}/{session}` */
      readonly arn: string;
      readonly tags: Readonly<Record<string, string>>;
      readonly sessionPolicy?: PolicyDocument;
    }
  | { readonly kind: 'service'; readonly service: string; readonly sourceArn?: string };

/** Decides by the template's policies. Throws `AwsError` with code `AccessDeniedException` (the service may rename it). */
export interface Authority {
  authorize(principal: Principal, demands: readonly Demand[]): void;
  /** A session of a role that a service assumes by itself (IoT rule, function); checks that the role trusts it. */
  assume(roleArn: string, service: string, sessionName: string): Principal;
}

/** An AWS API call, parsed but not yet allowed. The front door authorizes `demands`, then runs it. */
export interface Operation {
  /** As in CloudTrail: `GetItem`. */
  readonly name: string;
  readonly demands: readonly Demand[];
  run(principal: Principal): Promise<AwsResponse>;
}

export interface AwsService {
  /** The service in the SigV4 credential scope: `dynamodb`, `sqs`, `kms`, `sts`, `lambda`, `iot`, `iotdata`, `cognito-idp`, `s3`. */
  readonly signingName: string;
  /** Payloads come as `stream`, whatever their length, and not as `body`. */
  readonly streams?: true;
  readonly browsers?: BrowserAccess;
  /** Parses a request; throws `AwsError` (`UnknownOperationException`) for what it doesn't serve. */
  operation(request: AwsRequest): Operation | Promise<Operation>;
  /** Errors in the service's own protocol. */
  errorResponse(error: AwsError): AwsResponse;
  /** Resource-based policies in force on an ARN (queue policy, key policy, function permissions). */
  resourcePolicies?(resource: string): readonly PolicyDocument[];
  close?(): Promise<void>;
}

/** An error that an AWS SDK client reports by `code`. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  /** Further members of the error body (`CancellationReasons`, `Item`, …). */
  readonly details: Readonly<Record<string, unknown>>;
  constructor(code: string, message: string, status = 400, details: Record<string, unknown> = {}) {
    super(message);
    this.name = 'AwsError';
    this.code = code;
    this.status = status;
    this.details = details;
  }
}

export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Principal?: '*' | Readonly<Record<string, string | readonly string[]>>;
  readonly NotPrincipal?: '*' | Readonly<Record<string, string | readonly string[]>>;
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, string | boolean | number | readonly string[]>>>
  >;
}

export interface PolicyDocument {
  readonly Version?: string;
  readonly Statement: PolicyStatement | readonly PolicyStatement[];
}

/** One resource of a template, intrinsics resolved. */
export interface Resource {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** What `Ref` and `Fn::GetAtt` of a created resource answer. */
export interface Provisioned {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/**
 * Creates one CloudFormation type. `create` is called at every boot with the same resource and must then find what it made
 * before (same physical id, data kept): the physical name derives from stack and logical id, or is kept in the service's `dir`.
 *
 * `honoured` and `ignored` are the closed lists of properties, by dotted path (`TopicRulePayload.Sql`; an entry covers all
 * below it; list elements have no part of their own: `GlobalSecondaryIndexes.IndexName`). The value says what the laptop does
 * with it, or why ignoring it is harmless there. A property in neither list stops the boot.
 */
export interface ResourceProvider {
  readonly type: string;
  readonly honoured: Readonly<Record<string, string>>;
  readonly ignored: Readonly<Record<string, string>>;
  create(resource: Resource): Promise<Provisioned>;
}

/** Runs a function of the template; used by the HTTP API, event source mappings, rules and the Lambda API. */
export interface FunctionRuntime {
  /** Waits for the answer. Throws `AwsError` when there is no such function; a thrown handler error is `{ error }`. */
  invoke(functionArn: string, event: unknown): Promise<InvocationResult>;
}

export type InvocationResult =
  | { readonly payload: unknown }
  | {
      readonly error: { readonly errorType: string; readonly errorMessage: string; readonly trace?: readonly string[] };
    };

/** Puts a message on a queue of the template; used by IoT rules and asynchronous invoke failures. */
export interface QueueSender {
  send(queueUrl: string, body: string): Promise<void>;
}
