/**
 * The three MySQL users of the service and what each may do. The administrator makes them, and nobody works
 * as the administrator.
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
  // Runs app/migrations before a release, and nothing else.
  migrator: [{ rights: 'SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES', on: '*' }],
  app: [{ rights: 'SELECT, INSERT, UPDATE, DELETE', on: '*' }],
  // The data platform: its tables, and the list of migrations that it waits for.
  statistics: [
    { rights: 'SELECT', on: 'schema_migrations' },
    { rights: 'SELECT, INSERT, DELETE', on: 'processed_events' },
    { rights: 'SELECT, INSERT, UPDATE', on: 'inbox_horizon' },
    { rights: 'SELECT, INSERT, UPDATE', on: 'product_sales_hourly' },
  ],
};

/** A statement for `query` of mysql2, which fills in the values. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly string[];
}

/**
 * Makes a user, if there is none, and gives it its rights; may run any number of times. The password of a user
 * that exists stays as it is: rotation owns it. MySQL refuses rights on a table that is not there yet, except
 * together with CREATE, which is taken back.
 */
export function accountStatements(user: DatabaseUser, name: string, password: string): Statement[] {
  return [
    { sql: `CREATE USER IF NOT EXISTS ?@'%' IDENTIFIED BY ?`, values: [name, password] },
    { sql: `ALTER USER ?@'%' REQUIRE SSL`, values: [name] },
    ...grantStatements(user, name),
  ];
}

/** The rights alone, for the second user that rotation makes beside the first. */
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

/** What the rotation with alternating users calls its second user (Secrets Manager's own convention). */
export function alternateName(name: string): string {
  return `${name}_clone`;
}
