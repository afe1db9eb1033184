/** `npm run fuzz`: hundreds of thousands of hostile requests to separate servers. See usage. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runCommand, UsageError } from '../../scripts/run-command.ts';
import { testServers } from '../../scripts/test-suites/test-servers.ts';
import { parseTestOptions } from '../../scripts/test-suites/parse-test-options.ts';
import { openTestShop } from '../support/shop/test-shop.ts';
import { fuzzApp, type FuzzReport } from './fuzz-app.ts';
import { fuzzLines } from './fuzz-lines.ts';
import { writeFinding } from './write-finding.ts';
import { shopPaths } from '../../scripts/shop/shop-paths.ts';

const usage = `usage: npm run fuzz -- [--requests=N] [--seed=S] [--first=N] [--findings=FOLDER]

Sends hostile requests, generated from the OpenAPI document, to a real process of the app. Exits with 1 if a
response is a 5xx or undocumented, a table changes, the log has an error, or the process exits or grows.

  --requests=N       number of requests (default 20000)
  --seed=S           default: a new one each time; the same seed sends the same requests
  --first=N          first request, to repeat part of a run
  --findings=FOLDER  folder for findings (default .local/fuzz)
`;

const REQUESTS = 20_000;
/** Maximum heap growth of a process. Rate limits keep up to 50,000 addresses each. */
const HEAP_GROWTH_MAX_MB = 40;
const RSS_MAX_MB = 600;
const PROGRESS_EVERY = 10_000;

interface Options {
  readonly requests: number;
  readonly seed: number;
  readonly first: number;
  readonly findings: string;
}

function parseOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      requests: { type: 'string', default: String(REQUESTS) },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
      first: { type: 'string', default: '0' },
      findings: { type: 'string', default: join(import.meta.dirname, '../../.local/fuzz') },
    },
  });
  const count = (name: 'requests' | 'seed' | 'first'): number => {
    if (!/^[0-9]{1,10}$/.test(values[name])) throw new UsageError(`--${name} must be a whole number`);
    return Number(values[name]);
  };
  return {
    requests: count('requests'),
    seed: count('seed'),
    first: count('first'),
    findings: values.findings,
  };
}

async function main({ requests, seed, first, findings }: Options): Promise<number> {
  const workDir = mkdtempSync(join(tmpdir(), 'rowlock-fuzz-'));
  console.log(`${requests} requests, seed ${seed}`);
  const servers = testServers({
    workDir,
    cacheDir: shopPaths.cache,
    options: parseTestOptions([]),
    log: (line) => console.log(`  ${line}`),
  });
  try {
    const found = await servers.environment({ mysql: 'chosen', aws: 'chosen', events: 'sqs' });
    if ('unavailable' in found) throw new Error(found.unavailable);
    Object.assign(process.env, found.env);
    const report = await fuzzOwnShop({ requests, seed, first });
    for (const finding of report.findings) {
      console.log(`\n${finding.number}: ${finding.what}\n  ${finding.faults.join('\n  ')}`);
      console.log(`  written to ${writeFinding(findings, seed, finding)}`);
    }
    console.log(`\n${fuzzLines(report).join('\n')}`);
    return report.findings.length === 0 && isSmall(report) ? 0 : 1;
  } finally {
    await servers.stop();
    rmSync(workDir, { recursive: true, force: true });
  }
}

async function fuzzOwnShop(options: Omit<Options, 'findings'>): Promise<FuzzReport> {
  const shop = await openTestShop();
  try {
    return await fuzzApp({
      ...options,
      shop,
      onProgress: (done, found) => {
        if (done % PROGRESS_EVERY === 0) console.log(`  ${done} sent, ${found} findings`);
      },
    });
  } finally {
    await shop.close();
  }
}

function isSmall({ memory }: FuzzReport): boolean {
  const isHeapSmall = memory.heapEnd - memory.heapWarm <= HEAP_GROWTH_MAX_MB;
  if (!isHeapSmall) console.log(`the heap has grown by more than ${HEAP_GROWTH_MAX_MB} MB`);
  const isRssSmall = (memory.rssMax ?? 0) <= RSS_MAX_MB;
  if (!isRssSmall) console.log(`the process has had more than ${RSS_MAX_MB} MB`);
  return isHeapSmall && isRssSmall;
}

await runCommand('fuzz', async () => main(parseOptions(process.argv.slice(2))), usage);
// Everything has been stopped by now; logs and sockets may keep the event loop alive a little longer.
process.exit();
