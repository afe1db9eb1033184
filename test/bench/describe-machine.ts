import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import type { MysqlServer } from '../../localstack/mysql/start-mysql-server.ts';
import type { BenchServers } from './bench-servers.ts';
import { medianOf } from './ratio-table.ts';

export interface Machine {
  readonly facts: Readonly<Record<string, string | number>>;
  readonly lines: readonly string[];
  /** Short form, for the chart. */
  readonly title: string;
}

const FLUSHES = 50;
const FLUSH_BYTES = 4096;

/** Describes the machine and the versions that the figures were measured on. */
export async function describeMachine(options: {
  readonly servers: BenchServers;
  readonly mysql: MysqlServer | undefined;
  readonly workDir: string;
}): Promise<Machine> {
  const { servers, mysql, workDir } = options;
  const processors = cpus();
  const database = `${servers.database.engine} ${servers.database.version}`;
  const redis = `${servers.redis.engine} ${servers.redis.version}`;
  const facts = {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.versions.node,
    database,
    ...(mysql === undefined ? {} : { mysql: `${mysql.engine} ${mysql.version}` }),
    redis,
    /** Median time to write and flush 4 KB: the minimum cost of a commit. */
    flushUs: Math.round(flushUs(workDir)),
  };
  const title = `${facts.cpu}, ${facts.cores} cores, ${database}`;
  const others = mysql === undefined ? '' : `, ${mysql.engine} ${mysql.version}`;
  return {
    facts,
    title,
    lines: [
      `${facts.cpu}, ${facts.cores} cores, ${facts.memoryGb} GB, ${facts.system}; a flush to disk ` +
        `takes ${facts.flushUs} µs`,
      `Node ${facts.node}, ${database}${others}, ${redis}; binary log on, sync_binlog = 1, ` +
        'innodb_flush_log_at_trx_commit = 1',
    ],
  };
}

function flushUs(folder: string): number {
  const path = join(folder, 'flush');
  const file = openSync(path, 'w');
  const times: number[] = [];
  for (let turn = 0; turn < FLUSHES; turn += 1) {
    const startMs = performance.now();
    writeSync(file, Buffer.alloc(FLUSH_BYTES, turn));
    fsyncSync(file);
    times.push((performance.now() - startMs) * 1000);
  }
  closeSync(file);
  rmSync(path);
  return medianOf(times) ?? 0;
}
