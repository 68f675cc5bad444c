/** The one route table: every route of the HTTP API, by the function that answers it. */
import { accountRoutes } from '../account/account-api.ts';
import { apiClientRoutes } from '../api-client/api-client-api.ts';
import { bucketRoutes } from '../bucket/bucket-api.ts';
import { connectorRoutes, ingestRoutes } from '../connector/connector-api.ts';
import { deletionRoutes } from '../deletion/deletion-api.ts';
import { deviceRoutes } from '../device/device-api.ts';
import { exportRoutes } from '../export/export-api.ts';
import { importRoutes } from '../import/import-api.ts';
import { instanceRoutes } from '../instance/instance-api.ts';
import { memberRoutes } from '../member/member-api.ts';
import { operatorRoutes } from '../operator/operator-api.ts';
import { productRoutes } from '../product/product-api.ts';
import { readingsRoutes } from '../readings/readings-api.ts';
import { rejectedMessageRoutes } from '../rejected-message/rejected-message-api.ts';
import type { Route } from './route.ts';

/** Key: the entry `functions/http/{key}.ts`. */
export const ROUTE_TABLE = {
  instance: instanceRoutes,
  account: accountRoutes,
  members: memberRoutes,
  'api-clients': apiClientRoutes,
  products: productRoutes,
  devices: deviceRoutes,
  buckets: bucketRoutes,
  readings: { ...readingsRoutes, listRejected: rejectedMessageRoutes.list },
  connectors: connectorRoutes,
  ingest: ingestRoutes,
  deletions: deletionRoutes,
  exports: exportRoutes,
  imports: importRoutes,
  operator: operatorRoutes,
} as const;

export const ALL_ROUTES: readonly Route[] = Object.values(ROUTE_TABLE).flatMap((routes) => Object.values(routes));
