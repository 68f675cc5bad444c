/** What was imported, at rest: the id here of each id of an archive. */
import { PutItemCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { AccountSession } from '../platform/account-session.ts';
import { getItems, tookPlace } from '../platform/dynamodb.ts';
import { originKey } from './import-keys.ts';

const row = z.object({ sk: z.string(), id: z.string(), made: z.boolean(), by: z.string() });
export type Origin = Pick<z.output<typeof row>, 'id' | 'made' | 'by'>;

/** The id of a thing, and the start of an import that makes it. */
type Named = Pick<Origin, 'id' | 'by'>;

export const origins = {
  /** By the ids of before. */
  async find(session: AccountSession, sources: readonly string[]): Promise<Map<string, Origin>> {
    const keys = [...new Set(sources)].map((source) => originKey(session.account, source));
    const found = (await getItems(session.db, session.tables.entities, keys)).map((item) =>
      row.parse(unmarshall(item)),
    );
    return new Map(found.map(({ sk, ...origin }) => [sk, origin]));
  },

  /** Says which id a thing will have. False, and nothing is written, where that changed meanwhile. */
  claim: (session: AccountSession, source: string, { id, by }: Named, instead: Origin | undefined): Promise<boolean> =>
    tookPlace(
      session.db.send(
        new PutItemCommand({
          TableName: session.tables.entities,
          Item: marshall({ ...originKey(session.account, source), id, by, made: false }),
          ...(instead
            ? { ConditionExpression: 'id = :id', ExpressionAttributeValues: marshall({ ':id': instead.id }) }
            : { ConditionExpression: 'attribute_not_exists(pk)' }),
        }),
      ),
    ),

  /** To be written with the thing. */
  made: (session: AccountSession, source: string, { id, by }: Named): TransactWriteItem => ({
    Put: {
      TableName: session.tables.entities,
      Item: marshall({ ...originKey(session.account, source), id, by, made: true }),
      ConditionExpression: 'id = :id',
      ExpressionAttributeValues: marshall({ ':id': id }),
    },
  }),
};
