/** The operations about tables themselves. */
import * as z from 'zod';
import type { Clock, Demand } from '../../contract.ts';
import { tableArn } from './demands.ts';
import type { Input, Output } from './dynalite.ts';
import { validationError } from './errors.ts';
import type { Store } from './store.ts';
import { continuousBackups, keepSettings, settingsOf, timeToLiveDescription } from './table-settings.ts';
import { createTable, deleteTable, describeTable, listTables, requireTable } from './tables.ts';

const nameSchema = z.object({ TableName: z.string().regex(/^[\w.-]{3,255}$/) });
const listSchema = z.object({
  ExclusiveStartTableName: z.string().default(''),
  Limit: z.int().min(1).max(100).default(100),
});
const updateSchema = z.strictObject({ ...nameSchema.shape, DeletionProtectionEnabled: z.boolean() });
const timeToLiveSchema = z.object({
  ...nameSchema.shape,
  TimeToLiveSpecification: z.object({ Enabled: z.boolean(), AttributeName: z.string().min(1).max(255) }),
});

function parse<T>(schema: z.ZodType<T>, input: Input): T {
  const { data, error } = schema.safeParse(input);
  if (error) throw validationError(`1 validation error detected: ${error.issues[0]?.path.join('.')} is invalid`);
  return data as T;
}

type Run = (store: Store, clock: Clock, input: Input) => Promise<Output>;

const operations = {
  async ListTables(store, _clock, input) {
    const { ExclusiveStartTableName, Limit } = parse(listSchema, input);
    return listTables(store, ExclusiveStartTableName, Limit);
  },
  async CreateTable(store, clock, input) {
    return { TableDescription: await createTable(store, clock, input) };
  },
  async DescribeTable(store, _clock, input) {
    return { Table: await describeTable(store, parse(nameSchema, input).TableName) };
  },
  async DeleteTable(store, _clock, input) {
    return { TableDescription: await deleteTable(store, parse(nameSchema, input).TableName) };
  },
  async UpdateTable(store, _clock, input) {
    const { TableName, DeletionProtectionEnabled } = parse(updateSchema, input);
    await requireTable(store, TableName);
    const settings = { ...(await settingsOf(store, TableName)), deletionProtection: DeletionProtectionEnabled };
    await keepSettings(store, TableName, settings);
    return { TableDescription: await describeTable(store, TableName) };
  },
  async DescribeTimeToLive(store, _clock, input) {
    const { TableName } = await requireTable(store, parse(nameSchema, input).TableName);
    return { TimeToLiveDescription: timeToLiveDescription(await settingsOf(store, TableName)) };
  },
  async UpdateTimeToLive(store, _clock, input) {
    const { TableName, TimeToLiveSpecification } = parse(timeToLiveSchema, input);
    await requireTable(store, TableName);
    const { Enabled, AttributeName } = TimeToLiveSpecification;
    const settings = await settingsOf(store, TableName);
    if (Enabled && settings.timeToLive) throw validationError('TimeToLive is already enabled');
    if (!Enabled && !settings.timeToLive) throw validationError('TimeToLive is already disabled');
    await keepSettings(store, TableName, { ...settings, timeToLive: Enabled ? AttributeName : undefined });
    return { TimeToLiveSpecification };
  },
  async DescribeContinuousBackups(store, _clock, input) {
    const { TableName } = await requireTable(store, parse(nameSchema, input).TableName);
    return { ContinuousBackupsDescription: continuousBackups(await settingsOf(store, TableName)) };
  },
} satisfies Record<string, Run>;
export type TableOperation = keyof typeof operations;

export const isTableOperation = (name: string): name is TableOperation => Object.hasOwn(operations, name);

export function tableOperation(store: Store, clock: Clock, name: TableOperation, input: Input) {
  const resource = name === 'ListTables' ? '*' : tableArn(store, parse(nameSchema, input).TableName);
  const demands: Demand[] = [{ action: `dynamodb:${name}`, resource }];
  return { demands, run: (): Promise<Output> => operations[name](store, clock, input) };
}
