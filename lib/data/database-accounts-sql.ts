/**
 * The service's three MySQL users and their rights. The administrator only creates them; no process of the
 * app logs in as the administrator.
 */
export const databaseName = 'rowlock';

export const databaseUsers = ['migrator', 'app', 'statistics'] as const;

export type DatabaseUser = (typeof databaseUsers)[number];

interface Grant {
  readonly rights: string;
  /** A table, or every table. */
  readonly on: string;
}

const grants: Readonly<Record<DatabaseUser, readonly Grant[]>> = {
  // Runs app/migrations before a release and does nothing else.
  migrator: [{ rights: 'SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES', on: '*' }],
  app: [{ rights: 'SELECT, INSERT, UPDATE, DELETE', on: '*' }],
  // The data platform: its own tables, and the list of migrations, which it waits for.
  statistics: [
    { rights: 'SELECT', on: 'schema_migrations' },
    { rights: 'SELECT, INSERT, DELETE', on: 'processed_events' },
    { rights: 'SELECT, INSERT, UPDATE', on: 'inbox_horizon' },
    { rights: 'SELECT, INSERT, UPDATE', on: 'product_sales_hourly' },
  ],
};

/** A statement for mysql2's `query`, which inserts the values. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly string[];
}

/**
 * Creates the user if it does not exist, and grants its rights. Repeatable. An existing user keeps its
 * password, which belongs to the rotation. MySQL rejects grants on a table that does not exist yet unless
 * they include CREATE, which is therefore granted and revoked.
 */
export function accountStatements(user: DatabaseUser, name: string, password: string): Statement[] {
  return [
    { sql: `CREATE USER IF NOT EXISTS ?@'%' IDENTIFIED BY ?`, values: [name, password] },
    { sql: `ALTER USER ?@'%' REQUIRE SSL`, values: [name] },
    ...grantStatements(user, name),
  ];
}

/** Only the rights, for the second user that the rotation creates. */
export function grantStatements(user: DatabaseUser, name: string): Statement[] {
  return grants[user].flatMap(({ rights, on }) => {
    const target = `\`${databaseName}\`.${on === '*' ? '*' : `\`${on}\``}`;
    if (on === '*') return [{ sql: `GRANT ${rights} ON ${target} TO ?@'%'`, values: [name] }];
    return [
      { sql: `GRANT ${rights}, CREATE ON ${target} TO ?@'%'`, values: [name] },
      { sql: `REVOKE CREATE ON ${target} FROM ?@'%'`, values: [name] },
    ];
  });
}

/** Name of the second user of a rotation with alternating users (Secrets Manager's convention). */
export function alternateName(name: string): string {
  return `${name}_clone`;
}
