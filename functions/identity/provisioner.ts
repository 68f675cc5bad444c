/** Rung by handlers that make or end things, groups and certificates of AWS IoT. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IoTClient } from '@aws-sdk/client-iot';
import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { KMSClient } from '@aws-sdk/client-kms';
import { establishIdentity, tokenSettings } from '../../shared/identity/establish-identity.ts';
import { honourOrder } from '../../shared/identity/honour-order.ts';
import { jwksEnv, mqttEnv, provisionerEnv, readEnv } from '../../shared/platform/env.ts';
import { amazonRootCa } from '../../shared/provisioning/mqtt-authority.ts';
import { provision } from '../../shared/provisioning/provision.ts';
import { mqttHost, things } from '../../shared/provisioning/things.ts';

const env = readEnv(provisionerEnv.extend(jwksEnv.shape).extend(mqttEnv.shape));
const directory = { db: new DynamoDBClient({}), table: env.DIRECTORY_TABLE };
const iot = new IoTClient({});

export const handler = provision({
  establish: establishIdentity(tokenSettings(env), directory),
  honourOrder: honourOrder({
    seal: { kms: new KMSClient({}), masterKeyId: env.MASTER_KEY_ID },
    directory,
    now: Date.now,
  }),
  directory,
  things: things(iot, new IoTDataPlaneClient({}), env.DEVICE_POLICY),
  endpoint: async () => ({
    endpoint: await mqttHost(iot, env.MQTT_DOMAIN_CONFIGURATION),
    port: env.MQTT_PORT,
    caPem: env.MQTT_CA_PEM ?? amazonRootCa(),
  }),
});
