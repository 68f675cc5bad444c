/**
 * Typed context: everything that an operator may decide at synthesis. None is required: `npx cdk synth` works on a clean clone.
 * A misspelt name or a malformed value stops the synthesis and is named.
 */
import type { Node } from 'constructs';
import * as z from 'zod';

const domain = z.strictObject({
  /** Host name, e.g. `iot.example.com`. */
  domainName: z.string().min(1),
  /** ACM certificate in the stack's region. */
  certificateArn: z.string().startsWith('arn:'),
});

const schema = z.strictObject({
  /** `prod` retains and protects state and requires MFA of operators; `dev` can be destroyed. */
  stage: z.enum(['dev', 'prod']).default('prod'),
  /** Invited as the first operator; alarms are mailed there, too. */
  operatorEmail: z.email().optional(),
  /** A host name of your own for the API. */
  apiDomain: domain.optional(),
  /** A host name of your own for devices. */
  mqttDomain: domain.optional(),
  /** A verified SES address, and its region, that sends invitations; default: Cognito's own sender, 50 mails a day. */
  ses: z.strictObject({ from: z.email(), region: z.string().min(1) }).optional(),
  /** Where your web application gets its authorization codes. */
  callbackUrls: z.array(z.url()).min(1).default(['http://localhost:3000/callback']),
  /** Web origins that may call the API from a browser; default: the origins of `callbackUrls`. */
  allowedOrigins: z.array(z.url()).optional(),
});

export type Settings = Readonly<z.output<typeof schema> & { allowedOrigins: readonly string[] }>;

/**
 * What the CDK keeps in the context for itself: flags (`@aws-cdk/…`), switches (`aws:cdk:…`), lookups (`hosted-zone:…`), and whether
 * its command line reports home.
 */
const OF_THE_CDK = /[@:]|^cli-telemetry$/;

/** Reads the context; a name that isn't ours is a misspelt one. */
export function readSettings(node: Node): Settings {
  const context: Record<string, unknown> = node.getAllContext();
  const ours = Object.entries(context).filter(([name]) => !OF_THE_CDK.test(name));
  const given = Object.fromEntries(ours.map(([name, value]) => [name, plain(value)]));
  const result = schema.safeParse(given);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`The context is not valid:\n${problems.join('\n')}`);
  }
  const { allowedOrigins, callbackUrls } = result.data;
  return {
    ...result.data,
    allowedOrigins: allowedOrigins ?? [...new Set(callbackUrls.map((url) => new URL(url).origin))],
  };
}

/** A value given by `-c name=…` is a string: JSON is parsed where a list or an object is meant, if it is JSON. */
function plain(value: unknown): unknown {
  if (typeof value !== 'string' || !/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
