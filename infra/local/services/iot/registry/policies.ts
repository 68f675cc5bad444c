/** Policies (made by the template alone) and what they are attached to: certificates and thing groups. */
import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import type { Arns } from '../arns.ts';
import { invalidRequest, limitExceeded, notFound } from '../errors.ts';
import type { Certificates } from './certificates.ts';
import type { ThingGroups } from './thing-groups.ts';

const row = z.object({ name: z.string(), document: z.string() });
/** `document` is JSON text. */
export type Policy = Readonly<z.infer<typeof row>>;
export type Policies = ReturnType<typeof createPolicies>;

interface Target {
  readonly attached: () => Policy[];
  readonly attach: (policy: string) => void;
  readonly detach: (policy: string) => void;
  /** AWS's quota of policies. */
  readonly most: number;
}

export function createPolicies(
  db: DatabaseSync,
  { certificates, groups, arns }: { certificates: Certificates; groups: ThingGroups; arns: Arns },
) {
  const select = db.prepare('SELECT name, document FROM policies WHERE name = ?');
  const upsert = db.prepare(
    'INSERT INTO policies VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET document = excluded.document',
  );
  const certificateTable = attachmentTable(db, 'certificate_policies', 'certificate');
  const groupTable = attachmentTable(db, 'group_policies', 'thing_group');
  const effective = db.prepare(`
    SELECT name, document FROM policies WHERE name IN (SELECT policy FROM certificate_policies WHERE certificate = ?)
    UNION SELECT name, document FROM policies WHERE name IN (
      SELECT policy FROM group_policies JOIN group_members USING (thing_group) WHERE thing = ?)`);

  function target(arn: string): Target {
    const certificate = arns.nameIn('cert', arn);
    if (certificate !== undefined) {
      certificates.get(certificate);
      return { ...certificateTable(certificate), most: 10 };
    }
    const group = arns.nameIn('thinggroup', arn);
    if (group === undefined) throw invalidRequest(`${arn} is no certificate or thing group of this account`);
    groups.get(group);
    return { ...groupTable(group), most: 2 };
  }

  function mustExist(policy: string): void {
    if (!select.get(policy)) throw notFound(`Policy not found: ${policy}`);
  }

  return {
    put: (policy: Policy) => void upsert.run(policy.name, policy.document),
    attach(policy: string, arn: string): void {
      mustExist(policy);
      const { attached, attach, most } = target(arn);
      const others = attached().filter(({ name }) => name !== policy);
      if (others.length >= most) throw limitExceeded(`at most ${most} policies can be attached to ${arn}`);
      attach(policy);
    },
    detach(policy: string, arn: string): void {
      mustExist(policy);
      target(arn).detach(policy);
    },
    attachedTo: (arn: string): Policy[] => target(arn).attached(),
    /** What applies to a certificate that connects as a thing: its own policies and those of the thing's groups. */
    effective: (certificate: string, thing: string): Policy[] =>
      effective.all(certificate, thing).map((found) => row.parse(found)),
  };
}

function attachmentTable(db: DatabaseSync, table: string, column: string): (owner: string) => Omit<Target, 'most'> {
  const select = db.prepare(
    `SELECT name, document FROM policies JOIN ${table} ON policy = name WHERE ${column} = ? ORDER BY name`,
  );
  const insert = db.prepare(`INSERT OR IGNORE INTO ${table} VALUES (?, ?)`);
  const remove = db.prepare(`DELETE FROM ${table} WHERE ${column} = ? AND policy = ?`);
  return (owner) => ({
    attached: () => select.all(owner).map((found) => row.parse(found)),
    attach: (policy) => void insert.run(owner, policy),
    detach: (policy) => void remove.run(owner, policy),
  });
}
