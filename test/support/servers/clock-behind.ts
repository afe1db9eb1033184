const DAY_MS = 24 * 60 * 60 * 1000;

/** Node options of a process whose clock, and no other, shows the time and `offsetMs` more. */
export function clockOffBy(offsetMs: number): string[] {
  return imported(`
    const Now = Date;
    globalThis.Date = class Date extends Now {
      constructor(...given) {
        if (given.length === 0) super(Date.now());
        else super(...given);
      }
      static now() {
        return Now.now() + ${offsetMs};
      }
    };`);
}

/**
 * Node options of a process that lives so many days ago, its database's clock included: what it writes is as
 * old as that.
 */
export function clockBehind(days: number): string[] {
  const database = `
    import { createRequire } from 'node:module';
    const { Connection } = createRequire(${JSON.stringify(import.meta.url)})('mysql2');
    const { query } = Connection.prototype;
    Connection.prototype.query = function (options, ...rest) {
      const sql = options.sql?.replace('UNIX_TIMESTAMP(NOW(6))', 'UNIX_TIMESTAMP(NOW(6) - INTERVAL ${days} DAY)');
      return query.call(this, sql === undefined ? options : { ...options, sql }, ...rest);
    };`;
  return [...clockOffBy(-days * DAY_MS), ...imported(database)];
}

function imported(script: string): string[] {
  return ['--import', `data:text/javascript,${encodeURIComponent(script)}`];
}
