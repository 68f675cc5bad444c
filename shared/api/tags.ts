/** The groups of the API's operations, in words for its document and page. An operation's tag is the first part of its id. */
import type { Route } from './route.ts';

const TAGS: Readonly<Record<string, string>> = {
  instance: 'The instance itself. Public.',
  memberships: 'The accounts that a person belongs to.',
  account: 'The account that asks: its profile and its properties.',
  members: 'The people of an account, each in one role.',
  'api-clients': 'The programs of an account: OAuth 2 client credentials with scopes of their own.',
  products: 'Lines of devices.',
  devices: 'Physical or virtual things of a product, their credentials and properties.',
  buckets: 'Where an account collects readings. What no bucket collects is not kept.',
  readings: 'What devices sent and a bucket collected.',
  connectors: 'Ways in other than MQTT: an HTTP address for a gateway or a LoRaWAN network, with a secret of its own.',
  ingest: 'Where connectors’ senders post. Takes the connector’s secret.',
  deletions:
    'Jobs that remove readings: a range of a bucket, or what a deleted bucket, device or product held. A bucket’s new retention begins one, too, which has its readings expire by it.',
  exports: 'Archives and tables of all or a part of the account, made for download.',
  imports: 'Files brought in with their own times: archives, and buckets of Thinger.io.',
  'rejected-messages': 'What came in and could not be stored.',
  operator: 'For whoever deployed the instance and runs it.',
};

export interface Tag {
  readonly name: string;
  readonly description: string;
}

export const tagOf = (route: Route): string => route.id.split('.')[0] ?? route.id;

/** The tags of these routes, in their order. Throws for one without words. */
export const tagsOf = (routes: readonly Route[]): Tag[] =>
  [...new Set(routes.map(tagOf))].map((name) => {
    const description = TAGS[name];
    if (description === undefined) throw new Error(`Say in tags.ts what "${name}" is.`);
    return { name, description };
  });
