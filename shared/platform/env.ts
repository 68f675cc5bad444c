/**
 * What each function reads from its environment, as schemas that construct and handler share: a variable that a construct
 * forgets is a compile error, one that a handler lacks stops it at its first line. Names of tables and functions, never secrets.
 */
import * as z from 'zod';

const text = z.string().min(1);

/** Who signs tokens, and who is the operator. */
export const tokenEnv = z.object({
  USER_POOL_ID: text,
  OPERATOR_POOL_ID: text,
  OPERATOR_CLIENT_ID: text,
  DIRECTORY_TABLE: text,
});

/** Where JWKS are read instead of the issuer's own host; set by whoever runs the pools elsewhere. */
export const jwksEnv = z.object({ JWKS_ENDPOINT_URL: z.url().optional() });

/** Where an account's data rests. */
export const storeEnv = z.object({
  ENTITY_TABLE: text,
  READINGS_TABLE: text,
  KEYRING_TABLE: text,
  AUDIT_TABLE: text,
  MASTER_KEY_ID: text,
  RECOVERY_KEY_ID: text,
  KEYRING_BUCKET: text,
  ARCHIVE_BUCKET: text,
});

/** Handlers of account routes: no data permission of their own, so they ask the broker. */
export const accountEnv = storeEnv.extend({ BROKER_FUNCTION: text });

export const brokerEnv = tokenEnv.extend({ ACCOUNT_DATA_ROLE: text, MASTER_KEY_ID: text });
export const registrarEnv = tokenEnv.extend({ SECRET_ENDINGS_QUEUE: z.url(), WORK_TABLE: text });
export const endSecretsEnv = z.object({ USER_POOL_ID: text });
export const provisionerEnv = tokenEnv.extend({
  DEVICE_POLICY: text,
  MQTT_DOMAIN_CONFIGURATION: text,
  MASTER_KEY_ID: text,
});

/** How devices reach the broker when it isn't AWS's own endpoint. */
export const mqttEnv = z.object({
  MQTT_PORT: z.coerce.number().int().default(8883),
  /** PEM of the authority behind the endpoint's certificate; default: Amazon Root CA 1. */
  MQTT_CA_PEM: z.string().optional(),
});

export const membersEnv = accountEnv.extend({ REGISTRAR_FUNCTION: text });
/** `API_URL`: where the API is, for whoever is told an address of it. */
export const connectorsEnv = membersEnv.extend({ API_URL: z.url() });
/** Handlers that start jobs, on the version of the jobs function that they were deployed with. */
export const jobStartEnv = accountEnv.extend({ JOBS_FUNCTION: text });
/** The handler of readings announces what it writes, and has jobs delete. */
export const readingsEnv = membersEnv.extend({ JOBS_FUNCTION: text });
export const devicesEnv = jobStartEnv.extend({ PROVISIONER_FUNCTION: text });
export const connectorIngestEnv = membersEnv.extend({ PROVISIONER_FUNCTION: text });
export const jobsEnv = accountEnv.extend({ PROVISIONER_FUNCTION: text, INGEST_QUEUE: z.url() });
export const instanceEnv = z.object({ MQTT_DOMAIN_CONFIGURATION: text, USER_POOL_ID: text });
export const deadLettersEnv = storeEnv.extend({ DIRECTORY_TABLE: text });
export const ingestEnv = deadLettersEnv.extend({ WORK_TABLE: text });
export const sweeperEnv = z.object({ WORK_TABLE: text, COMPACTION_QUEUE: z.url() });
export const compactorEnv = storeEnv.extend({ WORK_TABLE: text });
export const presenceEnv = z.object({ DIRECTORY_TABLE: text, ENTITY_TABLE: text });

/** Parses the process's environment; the error names each variable that is missing or wrong. */
export function readEnv<T extends z.ZodType>(schema: T): z.output<T> {
  const result = schema.safeParse(process.env);
  if (result.success) return result.data;
  throw new Error(`Environment: ${result.error.issues.map((i) => `${i.path.join('.')} ${i.message}`).join('; ')}`);
}

/** What a construct must give for a schema: its required variables, as strings. */
export type EnvOf<T extends z.ZodType> = z.input<T>;
