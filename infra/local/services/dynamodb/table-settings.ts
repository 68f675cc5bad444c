/** What a table is set to beyond dynalite's description: kept beside it, reported as AWS reports it. */
import * as z from 'zod';
import type { Store } from './store.ts';

const settingsSchema = z.object({
  /** The attribute that holds the epoch second after which an item expires. */
  timeToLive: z.string().optional(),
  deletionProtection: z.boolean().default(false),
  pointInTimeRecovery: z.object({ enabled: z.boolean(), days: z.number().default(35) }).optional(),
  /** Data rest in the owner's own folder, unencrypted; the setting is kept so that what reads it finds it. */
  encryption: z.object({ type: z.string(), keyArn: z.string().optional() }).optional(),
});
export type TableSettings = z.infer<typeof settingsSchema>;

export const settingsKey = (table: string) => `settings~${table}`;

export async function settingsOf(store: Store, table: string): Promise<TableSettings> {
  return settingsSchema.parse(store.level.getSync(settingsKey(table)) ?? {});
}

export async function keepSettings(store: Store, table: string, settings: TableSettings): Promise<void> {
  await store.level.batch([{ type: 'put', key: settingsKey(table), value: settings }]);
}

export const timeToLiveDescription = ({ timeToLive }: TableSettings) =>
  timeToLive ? { TimeToLiveStatus: 'ENABLED', AttributeName: timeToLive } : { TimeToLiveStatus: 'DISABLED' };

export const continuousBackups = ({ pointInTimeRecovery }: TableSettings) => ({
  ContinuousBackupsStatus: 'ENABLED',
  PointInTimeRecoveryDescription: pointInTimeRecovery?.enabled
    ? { PointInTimeRecoveryStatus: 'ENABLED', RecoveryPeriodInDays: pointInTimeRecovery.days }
    : { PointInTimeRecoveryStatus: 'DISABLED' },
});

export const describedSettings = ({ deletionProtection, encryption }: TableSettings) => ({
  DeletionProtectionEnabled: deletionProtection,
  ...(encryption && {
    SSEDescription: { Status: 'ENABLED', SSEType: encryption.type, KMSMasterKeyArn: encryption.keyArn },
  }),
});
