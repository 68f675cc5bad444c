/** Rung by the routes of the account and its properties. */
import { accountRoutes } from '../../shared/account/account-api.ts';
import { accountUseCases } from '../../shared/account/account-use-cases.ts';
import { accountEdge } from '../../shared/api/account-edge.ts';
import { httpFunction } from '../../shared/api/edge.ts';
import { accountEnv, readEnv } from '../../shared/platform/env.ts';

const edge = accountEdge(readEnv(accountEnv));

export const handler = httpFunction(accountRoutes, accountUseCases(edge), edge);
