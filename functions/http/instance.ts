/** Rung by the public routes, and by every path that is no route. */
import { IoTClient } from '@aws-sdk/client-iot';
import { httpFunction } from '../../shared/api/edge.ts';
import { instanceRoutes } from '../../shared/instance/instance-api.ts';
import { instanceUseCases } from '../../shared/instance/instance-use-cases.ts';
import { instanceEnv, mqttEnv, readEnv } from '../../shared/platform/env.ts';
import { newId } from '../../shared/platform/ids.ts';
import { mqttHost } from '../../shared/provisioning/things.ts';

const env = readEnv(instanceEnv.extend(mqttEnv.shape));
const iot = new IoTClient({});
const mqtt = async () => ({ host: await mqttHost(iot, env.MQTT_DOMAIN_CONFIGURATION), port: env.MQTT_PORT });

export const handler = httpFunction(instanceRoutes, instanceUseCases({ mqtt }), {
  now: Date.now,
  newId,
  openSession: () => Promise.reject(new Error('A public route has no account.')),
});
