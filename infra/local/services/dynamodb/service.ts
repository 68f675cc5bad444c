/**
 * DynamoDB on the laptop: tables and items in a LevelDB folder, on dynalite's parsers and actions, with what it lacks:
 * transactions, atomic index writes, time to live, table settings, capacity of indexes.
 *
 * It owns its folder and nothing else; no code outside this one opens it. It decides nothing about permissions: it only
 * says what a request needs. It doesn't throttle, replicate, stream or back up: tests here show behaviour, not limits.
 */
import * as z from 'zod';
import {
  AwsError,
  type AwsRequest,
  type AwsService,
  type Demand,
  type Operation,
  type ResourceProvider,
  type ServiceContext,
} from '../../contract.ts';
import { jsonResponse } from '../json-response.ts';
import { check } from './actions.ts';
import { demandsOf, transactionDemands } from './demands.ts';
import { type Input, ITEM_ACTIONS, type ItemAction, type Output } from './dynalite.ts';
import { errorResponse, unexpected } from './errors.ts';
import { globalTableProvider } from './global-table.ts';
import { runItemAction } from './items.ts';
import { openStore } from './store.ts';
import { asAsked, withTableNames } from './table-names.ts';
import { isTableOperation, tableOperation } from './table-operations.ts';
import { reap } from './time-to-live.ts';
import { transactGet } from './transact-get.ts';
import { transactWrite } from './transact-write.ts';
import { checkItems, parseTransaction } from './transaction-items.ts';

const TARGET = 'DynamoDB_20120810.';
const REAP_EVERY_MS = 60_000;

const bodySchema = z.record(z.string(), z.unknown());

export interface DynamoDb {
  readonly service: AwsService & { close(): Promise<void> };
  readonly providers: readonly ResourceProvider[];
  /** Removes expired items now; answers how many. It also runs by itself every minute. */
  reap(): Promise<number>;
}

/** A request that is checked, with what it needs and what it will do. */
interface Plan {
  readonly demands: readonly Demand[];
  run(): Promise<Output>;
}

/** Opens the folder `context.dir`. Throws an error that names the folder if it can't be read. */
export async function openDynamoDb(context: ServiceContext): Promise<DynamoDb> {
  const { clock, log } = context;
  const store = await openStore(context.dir, context);

  const plan = async (name: string, given: Input): Promise<Plan> => {
    const input = withTableNames(given, context);
    if ((ITEM_ACTIONS as readonly string[]).includes(name)) {
      const checked = check(name as ItemAction, input);
      const demands = await demandsOf(store, name as ItemAction, checked);
      const run = () => runItemAction(store, name as ItemAction, input, checked);
      return { demands, run: async () => asAsked(await run(), given, context) };
    }
    if (name === 'TransactWriteItems') {
      const request = parseTransaction(input);
      const items = checkItems(request, ['Put', 'Update', 'Delete', 'ConditionCheck']);
      const demands = await transactionDemands(store, name, items);
      return { demands, run: () => transactWrite(store, clock, request, items) };
    }
    if (name === 'TransactGetItems') {
      const request = parseTransaction(input);
      const items = checkItems(request, ['Get']);
      const demands = await transactionDemands(store, name, items);
      return { demands, run: () => transactGet(store, request, items) };
    }
    if (isTableOperation(name)) return tableOperation(store, clock, name, input);
    throw new AwsError('UnknownOperationException', `The laptop's DynamoDB doesn't serve ${name || 'this request'}`);
  };

  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw unexpected(error, log);
    }
  };

  const reapNow = () => reap(store, clock);
  const reaper = setInterval(() => reapNow().catch((error) => unexpected(error, log)), REAP_EVERY_MS);
  reaper.unref();

  return {
    providers: [globalTableProvider(store, clock)],
    reap: reapNow,
    service: {
      signingName: 'dynamodb',
      errorResponse,
      operation: (request) =>
        guarded(async (): Promise<Operation> => {
          const name = operationName(request);
          const { demands, run } = await plan(name, parseBody(request));
          return { name, demands, run: () => guarded(async () => jsonResponse(await run())) };
        }),
      async close() {
        clearInterval(reaper);
        await store.close();
      },
    },
  };
}

function operationName({ headers }: AwsRequest): string {
  const target = headers['x-amz-target'] ?? '';
  return target.startsWith(TARGET) ? target.slice(TARGET.length) : '';
}

function parseBody({ body }: AwsRequest): Input {
  try {
    return bodySchema.parse(JSON.parse(body.toString()));
  } catch {
    throw new AwsError('SerializationException', 'The body is no JSON object');
  }
}
