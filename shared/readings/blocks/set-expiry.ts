/** When an item expires that is there: of items whose version doesn't matter for it. */
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { AccountSession } from '../../platform/account-session.ts';
import { type Key, tookPlace } from '../../platform/dynamodb.ts';

/** `ttl`: epoch seconds; `undefined`: never. What isn't there stays away. */
export async function setItemExpiry(session: AccountSession, key: Key, ttl: number | undefined): Promise<void> {
  await tookPlace(
    session.db.send(
      new UpdateItemCommand({
        TableName: session.tables.readings,
        Key: marshall(key),
        UpdateExpression: ttl === undefined ? 'REMOVE #ttl' : 'SET #ttl = :ttl',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeNames: { '#ttl': 'ttl' },
        ...(ttl === undefined ? {} : { ExpressionAttributeValues: marshall({ ':ttl': ttl }) }),
      }),
    ),
  );
}
