/** What an event source mapping needs of the queues of the template. */

export interface QueueMessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string | undefined;
  /** Base64. */
  readonly BinaryValue?: string | undefined;
}

export interface QueueMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly md5OfBody: string;
  /** `SentTimestamp`, `ApproximateReceiveCount`, … */
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes: Readonly<Record<string, QueueMessageAttribute>>;
}

export interface QueuePoller {
  /** At most ten, never waiting, possibly none; they are hidden for the queue's visibility timeout. */
  receive(queueArn: string, options: { max: number }): readonly QueueMessage[];
  delete(queueArn: string, receiptHandles: readonly string[]): void;
  /** Gives messages back: visible again at once. */
  release(queueArn: string, receiptHandles: readonly string[]): void;
  /** Tells, perhaps more often than needed, that a message may be there to receive; answers how to stop listening. */
  onMessage(queueArn: string, listener: () => void): () => void;
  /** The queue's own visibility timeout. */
  visibilitySeconds(queueArn: string): number;
}
