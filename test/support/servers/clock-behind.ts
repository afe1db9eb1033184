const DAY_MS = 24 * 60 * 60 * 1000;

/** Node options that shift only this process's clock by `offsetMs`. */
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
 * Node options of a process whose clock is this many days behind, including its database's clock: what it
 * writes is that old.
 */
export function clockBehind(days: number): string[] {
  const database = `
    import { createRequire } from 'node:module';
    const { Connection } = createRequire(${JSON.stringify(import.meta.url)})('mysql2');
    const { query } = Connection.prototype;
    Connection.prototype.query = function (options, ...rest) {
      const behind = 'UNIX_TIMESTAMP(NOW(6) - INTERVAL ${days} DAY)';
      const sql = options.sql?.replace('UNIX_TIMESTAMP(NOW(6))', behind);
      return query.call(this, sql === undefined ? options : { ...options, sql }, ...rest);
    };`;
  return [...clockOffBy(-days * DAY_MS), ...imported(database)];
}

function imported(script: string): string[] {
  return ['--import', `data:text/javascript,${encodeURIComponent(script)}`];
}
