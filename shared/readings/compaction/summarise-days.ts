import type { AccountSession } from '../../platform/account-session.ts';
import type { Touched } from './merge-hour.ts';
export async function summariseDays(_s: AccountSession, _p: string, _d: readonly Touched[]): Promise<void> {}
