/** From a publish to a queue: what rules select, when PUBACK comes, and what happens when a queue fails. */
import { PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Device, Laptop } from './laptop.ts';
import { registerDevice, startLaptop } from './laptop.ts';
import { devicePolicy, ingestRule, presenceRule, queueUrl, RULE, topicRule } from './template.ts';

let laptop: Laptop;
let device: Device;

beforeEach(async () => {
  laptop = await startLaptop();
  device = await registerDevice(laptop, 'dev-1');
});
afterEach(() => laptop.stop());

const read = (queue: string): unknown[] => laptop.queues.bodies(queue).map((body) => JSON.parse(body));
const publishAsFunction = (topic: string, payload: Uint8Array, qos = 1) =>
  laptop.data.send(new PublishCommand({ topic, payload, qos }));

describe('the ingest rule', () => {
  it('puts any bytes on the queue, with what the broker knows of them', async () => {
    const client = await laptop.connect(device);
    const before = laptop.clock.now();
    await client.publishAsync(`dt/${device.prefix}/telemetry`, Buffer.from([0, 255, 13]), { qos: 1 });
    const [body] = read('ingest');
    expect(body).toEqual({
      payload: Buffer.from([0, 255, 13]).toString('base64'),
      topic: `dt/${device.prefix}/telemetry`,
      receivedAt: expect.any(Number),
      messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      principal: device.certificateId,
    });
    expect(body).toHaveProperty(
      'receivedAt',
      expect.toSatisfy((at: number) => at >= before),
    );
  });

  it('takes QoS 0 too, an empty payload, and a message of a function, which has no principal', async () => {
    const client = await laptop.connect(device);
    await client.publishAsync(`dt/${device.prefix}/telemetry`, '', { qos: 0 });
    await vi.waitFor(() => expect(read('ingest')).toMatchObject([{ payload: '' }]));
    await publishAsFunction('dt/elsewhere', Buffer.from('1'), 0);
    expect(read('ingest').at(1)).not.toHaveProperty('principal');
  });

  it('gets Basic Ingest messages alone, without their prefix', async () => {
    await laptop.provision(topicRule('Everything', "SELECT topic() AS topic FROM '#'", 'presence'));
    const client = await laptop.connect(device);
    await vi.waitFor(() => expect(read('presence')).toHaveLength(1));
    await client.publishAsync(`$aws/rules/${RULE}/dt/${device.prefix}/telemetry`, '1', { qos: 1 });
    expect(read('ingest')).toMatchObject([{ topic: `dt/${device.prefix}/telemetry` }]);
    expect(read('presence')).toHaveLength(1);
    await publishAsFunction('$aws/rules/no_such_rule/x', Buffer.from('1'));
    expect(laptop.lines.at(-1)).toContain('no_such_rule');
  });
});

it('acknowledges only what is on its queue', async () => {
  const client = await laptop.connect(device);
  await vi.waitFor(() => expect(read('presence')).toHaveLength(1));
  const release = laptop.queues.hold();
  let acknowledged = false;
  const published = client.publishAsync(`dt/${device.prefix}/telemetry`, '1', { qos: 1 }).then(() => {
    acknowledged = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(acknowledged).toBe(false);
  release();
  await published;
  expect(read('ingest')).toHaveLength(1);
});

describe('an action that fails', () => {
  it("hands the message to the error action, in AWS's form, and acknowledges", async () => {
    laptop.queues.break('ingest');
    const client = await laptop.connect(device);
    await client.publishAsync(`dt/${device.prefix}/telemetry`, 'hello', { qos: 1 });
    expect(read('dead')).toEqual([
      {
        ruleName: RULE,
        topic: `dt/${device.prefix}/telemetry`,
        cloudwatchTraceId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        clientId: 'dev-1',
        base64OriginalPayload: Buffer.from('hello').toString('base64'),
        failures: [
          {
            failedAction: 'SqsAction',
            failedResource: queueUrl('ingest'),
            errorMessage: 'the queue is out of order',
          },
        ],
      },
    ]);
  });

  it("is one whose role lacks the permission, too: nothing goes where the role's policy doesn't lead", async () => {
    await laptop.provision(topicRule('Stray', "SELECT * FROM 'stray'", 'forbidden'));
    await publishAsFunction('stray', Buffer.from('1'));
    expect(read('forbidden')).toEqual([]);
    expect(read('dead')).toMatchObject([{ failures: [{ errorMessage: expect.stringContaining('sqs:SendMessage') }] }]);
  });

  it('loses the message when the error action fails as well, and says so', async () => {
    laptop.queues.break('ingest');
    laptop.queues.break('dead');
    await publishAsFunction('dt/x', Buffer.from('1'));
    expect(laptop.lines.at(-1)).toMatch(/lost a message/);
  });

  it('is a text that SQS refuses', async () => {
    await laptop.provision(topicRule('Raw', "SELECT * FROM 'raw'", 'ingest'));
    await publishAsFunction('raw', Buffer.from([0xff]));
    expect(read('dead')).toMatchObject([{ failures: [{ errorMessage: expect.stringContaining('InvalidMessage') }] }]);
  });
});

describe('rule SQL', () => {
  const select = async (columns: string, payload: string, topic = 'a/b/c') => {
    await laptop.provision(topicRule('Probe', `SELECT ${columns} FROM '+/b/#'`, 'presence'));
    await publishAsFunction(topic, Buffer.from(payload));
    return laptop.queues.bodies('presence').at(-1);
  };

  it('passes a payload through, adds to an object, and leaves out what is undefined', async () => {
    expect(await select('*', '{ "a": 1.0 }')).toBe('{ "a": 1.0 }');
    expect(await select('*, topic(2) AS second, topic(9) AS ninth, clientId() as client', '{"a":1}')).toBe(
      '{"a":1,"second":"b","client":"n/a"}',
    );
  });

  it('drops what it can not read, without the error action, as AWS does', async () => {
    expect(await select('*, topic() AS topic', 'no json')).toBeUndefined();
    expect(read('dead')).toEqual([]);
  });

  it('matches filters as MQTT does', async () => {
    expect(await select('topic() AS t', '', 'x/b')).toBe('{"t":"x/b"}');
    expect(await select('topic() AS t', '', 'x/c')).toBe('{"t":"x/b"}');
  });

  it.each([
    "SELECT a.b AS c FROM 'x'",
    "SELECT topic() FROM 'x'",
    "SELECT * FROM 'x' WHERE a = 1",
    "SELECT encode(payload, 'base64') AS p FROM 'x'",
    "SELECT topic() AS a, traceid() AS a FROM 'x'",
    "SELECT * FROM 'x#'",
    "SELECT * FROM '#/x'",
    'SELECT *',
    "SELECT aws_lambda('f', *) AS x FROM 'x'",
    '',
  ])('stops the boot for %s', async (sql) => {
    await expect(laptop.provision(topicRule('Odd', sql, 'ingest'))).rejects.toThrow();
  });

  it('stops the boot for another action or SQL version', async () => {
    const { TopicRulePayload: payload } = ingestRule.properties;
    const withPayload = (more: object) => ({
      ...ingestRule,
      properties: { TopicRulePayload: { ...(payload as object), ...more } },
    });
    await expect(laptop.provision(withPayload({ Actions: [{ Lambda: { FunctionArn: 'f' } }] }))).rejects.toThrow();
    await expect(laptop.provision(withPayload({ AwsIotSqlVersion: '2015-10-08' }))).rejects.toThrow();
  });

  it('ignores a disabled rule', async () => {
    const rule = topicRule('Off', "SELECT * FROM 'off'", 'ingest');
    const payload = rule.properties.TopicRulePayload as object;
    await laptop.provision({ ...rule, properties: { TopicRulePayload: { ...payload, RuleDisabled: true } } });
    await publishAsFunction('off', Buffer.from('1'));
    expect(read('ingest')).toEqual([]);
  });
});

it('answers Ref and attributes, the same at every boot', async () => {
  const answers = [];
  for (const resource of [devicePolicy, ingestRule, presenceRule, presenceRule])
    answers.push(await laptop.provision(resource));
  const [policy, ingest, presence, again] = answers;
  expect(policy).toMatchObject({
    ref: 'DevicePolicy',
    attributes: { Arn: expect.stringMatching(/:policy\/DevicePolicy$/) },
  });
  expect(ingest).toMatchObject({ ref: RULE, attributes: { Arn: expect.stringMatching(/:rule\/laptop_ingest$/) } });
  expect(presence?.ref).toMatch(/^\w+$/);
  expect(again).toEqual(presence);
});
