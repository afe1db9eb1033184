import type { Verdict } from '../../../support/servers/proxy-links.ts';
import type { Fault } from '../fault.ts';
import { apiNames } from '../fault-fleet.ts';
import { processNames } from '../fault-links.ts';
import { isCommit } from './process-faults.ts';

/** Share of COMMITs that the fault affects. */
const COMMITS_HIT = 0.25;

function cutCommits(when: string, verdict: Verdict): Fault {
  return {
    name: `cut-${when}-commit`,
    about: `one in four COMMITs loses its connection, ${when} its execution`,
    touches: [...processNames],
    lastsMs: [500, 1500],
    begin: async (world, draw) => {
      const links = processNames.map((name) => world.links.of(name, 'mysql'));
      for (const link of links) {
        link.watchClient((bytes) => (isCommit(bytes) && draw() < COMMITS_HIT ? verdict : 'forward'));
      }
      return {
        end: async () => {
          for (const link of links) link.watchClient(undefined);
        },
      };
    },
  };
}

export const databaseFaults: readonly Fault[] = [
  cutCommits('before', 'cut'),
  cutCommits('during', 'forward-and-cut'),
  cutCommits('after', 'forward-then-cut'),
  {
    name: 'kill-mysql',
    about: 'SIGKILL of the database, which recovers on the same data',
    touches: ['mysql'],
    lastsMs: [100, 1000],
    begin: async ({ servers: { mysql } }) => {
      await mysql.kill();
      return { end: () => mysql.start() };
    },
  },
  {
    name: 'freeze-mysql',
    about: 'SIGSTOP of the database: connections stay open and nothing responds',
    touches: ['mysql'],
    lastsMs: [300, 2500],
    begin: async ({ servers: { mysql } }) => {
      mysql.freeze();
      return { end: async () => mysql.thaw() };
    },
  },
  {
    name: 'move-mysql',
    about: 'the database shuts down cleanly and returns on another port, as after a failover',
    touches: ['mysql'],
    lastsMs: [50, 500],
    begin: async ({ servers: { mysql } }) => {
      await mysql.stop();
      return { end: () => mysql.start({ move: true }) };
    },
  },
  {
    name: 'slow-mysql-link',
    about: 'every response of the database to one API is delayed',
    touches: ['api-2'],
    lastsMs: [800, 2000],
    begin: async ({ links }, draw) => {
      const delayMs = Math.round(40 + draw() * 260);
      await links.of('api-2', 'mysql').slow(delayMs);
      return { detail: { delayMs }, end: () => links.of('api-2', 'mysql').pass() };
    },
  },
  {
    name: 'half-open-mysql-link',
    about: 'the network between one API and the database drops everything; its transactions stay open',
    touches: ['api-1'],
    lastsMs: [500, 3000],
    begin: async ({ links }) => {
      await links.of('api-1', 'mysql').blackhole();
      return { end: () => links.of('api-1', 'mysql').pass() };
    },
  },
  {
    name: 'read-only-mysql',
    about: 'the database becomes read-only under open connections, like the old writer in a failover',
    touches: ['mysql'],
    lastsMs: [300, 1500],
    begin: async ({ database }) => {
      await database.write('SET GLOBAL read_only = 1');
      return {
        end: async () => {
          await database.write('SET GLOBAL read_only = 0');
        },
      };
    },
  },
  {
    name: 'half-open-mysql-links',
    about: 'the network between every process and the database drops everything',
    touches: ['mysql', ...apiNames, 'worker', 'data-platform'],
    lastsMs: [300, 1500],
    begin: async ({ links }) => {
      await Promise.all(processNames.map((name) => links.of(name, 'mysql').blackhole()));
      return {
        end: async () => {
          await Promise.all(processNames.map((name) => links.of(name, 'mysql').pass()));
        },
      };
    },
  },
];
