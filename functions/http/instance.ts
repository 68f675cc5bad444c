/** Rung by the public routes, and by every path that is no route. */
import { IoTClient } from '@aws-sdk/client-iot';
import { httpFunction } from '../../shared/api/edge.ts';
import { publicEdge } from '../../shared/api/public-edge.ts';
import { openIdConfiguration } from '../../shared/identity/open-id-configuration.ts';
import { instanceRoutes } from '../../shared/instance/instance-api.ts';
import { instanceUseCases } from '../../shared/instance/instance-use-cases.ts';
import { instanceEnv, jwksEnv, mqttEnv, readEnv } from '../../shared/platform/env.ts';
import { mqttHost } from '../../shared/provisioning/things.ts';

const env = readEnv(instanceEnv.extend({ ...mqttEnv.shape, ...jwksEnv.shape }));
const iot = new IoTClient({});
const mqtt = async () => ({ host: await mqttHost(iot, env.MQTT_DOMAIN_CONFIGURATION), port: env.MQTT_PORT });
const useCases = instanceUseCases({ mqtt, openIdConfiguration: openIdConfiguration(env) });

export const handler = httpFunction(instanceRoutes, useCases, publicEdge);
