/**
 * House rules that the linter cannot express. Each has a sample that breaks it, so that a rule which no
 * longer detects anything fails.
 */
import { isForbiddenBetweenRooms, roomOf } from './app-rooms.ts';
import { type Import, importsOf, type SourceFile } from './imports-of.ts';
import { isForbiddenInLib } from './lib-rooms.ts';
import { programsWithCdk } from './programs-without-cdk.ts';

export interface HouseRule {
  readonly title: string;
  /** One line per violation. */
  violations(files: readonly SourceFile[]): string[];
  /** Each of these files, or groups of files, breaks the rule once when checked alone. */
  readonly broken: readonly (SourceFile | readonly SourceFile[])[];
}

const LINES_MAX = 350;
const generatedFile = /\/(package-lock\.json|api-types\.ts)$/;
const codeFolders = /^(app|bin|lib|scripts|localstack|test)\//;
/** The only file that reads the environment. */
const environmentReaders = new Set(['app/main.ts']);
/** Folders of the app that belong to no feature. */
const foundations = new Set(['contract', 'http', 'platform', 'migrations']);
/** Pure rules: no I/O, no clock, no randomness, and only types from outside their folder. */
const ruleFile = /^app\/[a-z-]+\/((evaluate|decide)-[a-z-]+|[a-z-]+-rules?)\.ts$/;
/** The folder whose SQL may name each table. */
export const tableOwners: Readonly<Record<string, string>> = {
  users: 'accounts',
  wallets: 'wallet',
  wallet_entries: 'wallet',
  products: 'catalogue',
  product_stock: 'catalogue',
  stock_entries: 'catalogue',
  product_listing: 'catalogue',
  product_terms: 'catalogue',
  product_images: 'images',
  image_jobs: 'images',
  orders: 'orders',
  order_items: 'orders',
  cart_removals: 'carts',
  coupons: 'coupons',
  user_coupons: 'coupons',
  outbox: 'events',
  processed_events: 'statistics',
  inbox_horizon: 'statistics',
  replica_heartbeat: 'platform',
  product_sales_hourly: 'statistics',
  idempotent_replies: 'idempotency',
  admin_actions: 'operators',
  operator_invitations: 'operators',
  audit_marks: 'audit',
  audit_runs: 'audit',
};
/** The audit's SQL reads every table: it checks whether the features' rows agree. */
const auditFolder = 'audit';
/** The file that contains the pattern of a skipped test. */
const skipFile = 'test/support/skip-without.ts';
const ownFile = 'test/unit/house-rules.ts';

export const houseRules: readonly HouseRule[] = [
  {
    title: 'the app reads process.env in main only',
    violations: (files) =>
      linesThat(files, /process\.env\b/, (path) => path.startsWith('app/') && !environmentReaders.has(path)),
    broken: [{ path: 'app/orders/place-orders.ts', text: 'const url = process.env.DATABASE_URL;' }],
  },
  {
    title: `a file has at most ${LINES_MAX} lines`,
    violations: (files) =>
      files
        .filter(({ path }) => codeFolders.test(path) && !generatedFile.test(path))
        .filter(({ text }) => text.split('\n').length - 1 > LINES_MAX)
        .map(({ path, text }) => `${path}: ${text.split('\n').length - 1} lines`),
    broken: [{ path: 'lib/settings/stages.ts', text: '\n'.repeat(LINES_MAX + 1) }],
  },
  {
    title: 'names of files and folders are kebab-case',
    violations: (files) =>
      files
        .filter(({ path }) => codeFolders.test(path) || path.startsWith('docs/'))
        .filter(({ path }) => !path.split('/').every((part) => part === 'README.md' || isKebabCase(part)))
        .map(({ path }) => path),
    broken: [
      { path: 'app/orders/placeOrders.ts', text: '' },
      { path: 'app/order_items/list.ts', text: '' },
    ],
  },
  {
    title: 'no test is focused or skipped by hand',
    violations: (files) =>
      linesThat(
        files,
        /\b(describe|context|it|specify)\.(only|skip)\b|\bx(describe|it)\(|this\.skip\(/,
        (path) => path.startsWith('test/') && path !== skipFile && path !== ownFile,
      ),
    broken: [
      { path: 'test/unit/a.test.ts', text: "it.only('x', () => {});" },
      { path: 'test/e2e/a.test.ts', text: "describe.skip('x', () => {});" },
      { path: 'test/e2e/b.test.ts', text: 'if (slow) this.skip();' },
    ],
  },
  {
    title: 'a time limit of a test is no shorter than that of all tests, 180 s',
    violations: (files) =>
      linesThat(
        files,
        /(?:this|\}\))\.timeout\((\d{1,2}_?\d{3}|1[0-7]\d_?\d{3})\)/,
        (path) => path.startsWith('test/') && path.endsWith('.test.ts'),
      ),
    broken: [
      { path: 'test/unit/a.test.ts', text: 'this.timeout(30_000);' },
      { path: 'test/e2e/a.test.ts', text: '}).timeout(179000);' },
    ],
  },
  {
    title: 'no file has a carriage return',
    violations: (files) => files.filter(({ text }) => text.includes('\r')).map(({ path }) => path),
    broken: [{ path: 'scripts/up', text: '#!/usr/bin/env bash\r\n' }],
  },
  {
    // `??` and a destructuring default keep an empty variable, and `HTTP_HOST=` would mean every interface.
    title: 'an empty environment variable counts as unset',
    violations: (files) =>
      linesThat(
        files,
        /process\.env(\.\w+|\[['"]\w+['"]\]) *\?\?(?! '')|=[^}=]*\} = process\.env\b/,
        (path) => /^(app|scripts|localstack|test)\//.test(path) && path !== ownFile,
      ),
    broken: [
      { path: 'scripts/a.ts', text: "const host = process.env.HTTP_HOST ?? '127.0.0.1';" },
      { path: 'test/a.ts', text: "const dir = process.env['CACHE_DIR'] ?? 'cache';" },
      { path: 'app/main.ts', text: "const { STAGE = 'local' } = process.env;" },
    ],
  },
  {
    title: 'imports run one way',
    violations: (files) => importsThat(files, isForbiddenImport),
    broken: [
      { path: 'app/platform/mysql/database.ts', text: "import { Order } from '../../orders/order.ts';" },
      { path: 'app/http/contract/route.ts', text: "import { logIn } from '../../accounts/log-in.ts';" },
      { path: 'app/orders/place-orders.ts', text: "import { wireProcess } from '../wiring/process.ts';" },
      { path: 'app/orders/place-orders.ts', text: "import { suites } from '../../scripts/suites.ts';" },
      {
        path: 'app/orders/place-orders.ts',
        text: "import type { Stage } from '../../lib/settings/stages.ts';",
      },
      { path: 'app/platform/mysql/database.ts', text: "import { openRedis } from '../redis/redis.ts';" },
      { path: 'app/platform/aws/sqs.ts', text: "import { openDatabase } from '../mysql/database.ts';" },
      { path: 'app/http/contract/route.ts', text: "import { listen } from '../server/listen.ts';" },
      { path: 'app/contract/shop-metrics.ts', text: "import { newUuid } from '../platform/uuid.ts';" },
      {
        path: 'lib/data/data-stack.ts',
        text: "import { openDatabase } from '../../app/platform/mysql/database.ts';",
      },
      { path: 'lib/data/redis-store.ts', text: "import { appFleet } from '../service/app-fleet.ts';" },
      { path: 'lib/data/redis-store.ts', text: "import { rowlockStacks } from '../rowlock-stacks.ts';" },
      { path: 'lib/edge/web-acl.ts', text: "import type { EdgeStack } from './edge-stack.ts';" },
      { path: 'lib/service/service-stack.ts', text: "import type { X } from '../data/data-stack.ts';" },
      { path: 'app/web/shop/cart.tsx', text: "import { Tile } from '../console/tile.tsx';" },
      { path: 'app/web/shared/money.ts', text: "import { krw } from '../../orders/krw.ts';" },
      { path: 'app/orders/order.ts', text: "import { krw } from '../web/shared/money.ts';" },
      { path: 'scripts/audit.ts', text: "const x = await import('../test/support/until.ts');" },
      {
        path: 'localstack/redis/start.ts',
        text: "import { shopPaths } from '../../scripts/shop/shop-paths.ts';",
      },
    ],
  },
  {
    title: 'programs of instances, Lambda functions and the app import no CDK',
    violations: programsWithCdk,
    broken: [
      { path: 'lib/instance/programs/read-settings.ts', text: "import { Stack } from 'aws-cdk-lib';" },
      { path: 'lib/functions/answer-request.ts', text: "import type { Construct } from 'constructs';" },
      { path: 'app/orders/order.ts', text: "const x = await import('aws-cdk-lib/aws-rds');" },
      [
        { path: 'lib/data/functions/accounts.ts', text: "import { names } from '../names.ts';" },
        { path: 'lib/data/names.ts', text: "import { port } from './port.ts';" },
        { path: 'lib/data/port.ts', text: "import { Duration } from 'aws-cdk-lib';" },
      ],
    ],
  },
  {
    title: 'a command with parts is a folder with index.ts, not a file beside the folder',
    violations: (files) => {
      const paths = files.map(({ path }) => path).filter((path) => /^(scripts|localstack|test)\//.test(path));
      return paths.filter((path) => {
        const folder = `${path.replace(/\.\w+$/, '')}/`;
        return paths.some((other) => other.startsWith(folder));
      });
    },
    broken: [
      [
        { path: 'scripts/bundle.ts', text: '' },
        { path: 'scripts/bundle/tar-archive.ts', text: '' },
      ],
    ],
  },
  {
    title: "a feature's SQL names its own tables only",
    violations: (files) =>
      files.filter(({ path }) => /^app\/[^/]+\/.+\.ts$/.test(path)).flatMap(foreignTables),
    broken: [
      { path: 'app/orders/place-orders.ts', text: "tx.read('SELECT email FROM users WHERE id = ?');" },
      { path: 'app/coupons/issue-coupon.ts', text: 'UPDATE wallets SET balance = 0' },
      { path: 'app/audit/repair.ts', text: 'UPDATE wallets SET balance = 0' },
      { path: 'app/orders/place-orders.ts', text: 'SELECT at FROM audit_runs' },
    ],
  },
  {
    title: 'a pure rule imports only types of other features and reaches for no clock or randomness',
    violations: (files) => [
      ...importsThat(files, (found) => ruleFile.test(found.from) && !isAllowedInRule(found)),
      ...linesThat(files, /Date\.now\(|new Date\(\)|Math\.random\(|randomUUID|performance\.now/, (path) =>
        ruleFile.test(path),
      ),
    ],
    broken: [
      { path: 'app/orders/evaluate-order.ts', text: "import type { Pool } from '../platform/pool.ts';" },
      { path: 'app/orders/evaluate-order.ts', text: "import { createHash } from 'node:crypto';" },
      { path: 'app/orders/evaluate-order.ts', text: "import { termsOf } from '../coupons/coupon.ts';" },
      { path: 'app/coupons/coupon-rules.ts', text: 'const now = Date.now();' },
    ],
  },
  {
    title: 'packages come from the public registry, in the lock file and in .npmrc',
    violations: (files) => [
      ...linesThat(
        files,
        /"resolved": "(?!https:\/\/registry\.npmjs\.org\/)/,
        (path) => path === 'package-lock.json',
      ),
      ...linesThat(files, /registry\s*=|_auth/, (path) => path === '.npmrc').filter(
        (line) => !line.includes('omit-lockfile-registry-resolved=true'),
      ),
    ],
    broken: [
      { path: 'package-lock.json', text: '      "resolved": "https://mirror.example/zod/-/zod-4.6.7.tgz",' },
      { path: '.npmrc', text: 'registry=https://mirror.example/npm/' },
    ],
  },
  {
    title: 'no file names a path of one particular machine',
    violations: (files) =>
      linesThat(files, /(^|[\s"'`=(:])\/(home|Users|root|work)\/[\w.-]/, (path) => path !== ownFile),
    broken: [
      { path: 'scripts/audit.ts', text: "const cache = '/home/somebody/.cache';" },
      { path: 'docs/runbook.md', text: 'Go to /root/rowlock.' },
    ],
  },
];

/** Functions that run code of the app, as the bundle does. */
const madeOfTheApp: ReadonlySet<string> = new Set(['lib/service/functions/migrate-database.ts']);

function isForbiddenImport({ from, target, isType }: Import): boolean {
  if (target === undefined) return false;
  const [top] = from.split('/');
  const [targetTop] = target.split('/');
  if (targetTop === 'test' && top !== 'test') return true;
  // Tests and commands use the stand-ins for cloud servers; the stand-ins know neither.
  if (top === 'localstack') return targetTop === 'scripts';
  if (top === 'lib') {
    if (targetTop === 'app' && madeOfTheApp.has(from)) return false;
    if (targetTop === 'lib') return isForbiddenInLib(from, target);
    return !['contract', 'config'].includes(roomOf(target));
  }
  if (top !== 'app') return false;
  if (targetTop !== 'app') return true;
  const isEntry = from === 'app/main.ts' || roomOf(from) === 'wiring';
  if (target === 'app/main.ts' || roomOf(target) === 'wiring') return !isEntry;
  return isForbiddenBetweenRooms(roomOf(from), roomOf(target), isType);
}

/** A pure rule may import its own folder and types of other features. */
const isAllowedInRule = ({ specifier, target, isType }: Import): boolean =>
  specifier.startsWith('./') || (isType && !foundations.has(target?.split('/')[1] ?? 'http'));

function foreignTables({ path, text }: SourceFile): string[] {
  const folder = path.split('/')[1] ?? '';
  if (foundations.has(folder)) return [];
  return [...text.matchAll(/\b(FROM|JOIN|UPDATE|INTO)\s+`?([a-z_]+)/g)]
    .filter(([, verb, table = '']) => {
      const mayRead = folder === auditFolder && (verb === 'FROM' || verb === 'JOIN');
      return !mayRead && (tableOwners[table] ?? folder) !== folder;
    })
    .map(([, , table = '']) => `${path}: ${table} belongs to ${tableOwners[table]}`);
}

function importsThat(files: readonly SourceFile[], isWrong: (found: Import) => boolean): string[] {
  return files
    .filter(({ path }) => /\.tsx?$/.test(path) && codeFolders.test(path) && path !== ownFile)
    .flatMap((file) => importsOf(file).filter(isWrong))
    .map(({ from, specifier }) => `${from} imports ${specifier}`);
}

function linesThat(
  files: readonly SourceFile[],
  pattern: RegExp,
  applies: (path: string) => boolean,
): string[] {
  return files
    .filter(({ path }) => applies(path))
    .flatMap(({ path, text }) =>
      text
        .split('\n')
        .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
    );
}

function isKebabCase(name: string): boolean {
  return /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/.test(name);
}
