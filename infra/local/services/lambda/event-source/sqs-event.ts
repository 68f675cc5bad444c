/** Messages of a queue as Lambda hands them to a function. */
import type { QueueMessage } from './queue-poller.ts';

export interface SqsRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
}

export function sqsRecord(message: QueueMessage, queueArn: string, region: string): SqsRecord {
  const record = {
    messageId: message.messageId,
    receiptHandle: message.receiptHandle,
    body: message.body,
    attributes: message.attributes,
    messageAttributes: Object.fromEntries(
      Object.entries(message.messageAttributes).map(([name, value]) => [
        name,
        {
          ...(value.StringValue === undefined ? {} : { stringValue: value.StringValue }),
          ...(value.BinaryValue === undefined ? {} : { binaryValue: value.BinaryValue }),
          stringListValues: [],
          binaryListValues: [],
          dataType: value.DataType,
        },
      ]),
    ),
    md5OfBody: message.md5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: region,
  };
  return record;
}
