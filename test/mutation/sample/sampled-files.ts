import { existsSync, globSync } from 'node:fs';
import { basename, join } from 'node:path';

const orders = ['orders/orders', 'orders/cancel'];

/** Integration tests that cover a folder of the app, besides those in the folder of the same name. */
const alsoCoveredBy: Readonly<Record<string, readonly string[]>> = {
  wallet: orders,
  carts: ['orders/cart-order-failures'],
  catalogue: orders,
  coupons: ['coupons/coupon-orders'],
  'platform/mysql': [
    'platform/transaction',
    'platform/read-snapshot',
    'platform/read-replica',
    'platform/stopped-replica',
    'platform/database-role-switch',
    ...orders,
  ],
  'platform/redis': [
    'platform/redis-lock',
    'platform/redis-role-switch',
    'platform/shared-counts',
    'platform/without-locks',
    'popular/popular-failures',
    'accounts/sessions',
  ],
  'platform/aws': ['events/queue', 'events/relay', 'images/image-upload', 'images/image-work'],
};
/** Files whose callers are in other folders. */
const coveredElsewhere: Readonly<Record<string, readonly string[]>> = {
  'app/platform/mysql/database-errors.ts': ['accounts/accounts', 'platform/transaction', ...orders],
  'app/audit/versioned-rows-sql.ts': [...orders, 'wallet/wallet', 'catalogue/catalogue'],
};

/** SQL files of all features, and the adapters of MySQL, Redis, S3 and SQS. */
export function sampledFiles(top: string): string[] {
  return globSync(['app/*/*-sql.ts', 'app/platform/{mysql,redis,aws}/*.ts'], { cwd: top }).toSorted();
}

/**
 * Tests that cover a file: unit and property tests with its name, then integration tests, by folder. A
 * mutant that only tests elsewhere would see counts as a survivor.
 */
export function coveringTests(file: string, top: string): string[] {
  const folder = file.split('/').slice(1, -1).join('/');
  const own = ['unit', 'property']
    .map((suite) => `test/${suite}/${basename(file, '.ts')}.test.ts`)
    .filter((test) => existsSync(join(top, test)));
  const inFolder = globSync(`test/integration/${folder}/*.test.ts`, { cwd: top }).toSorted();
  const others = (coveredElsewhere[file] ?? alsoCoveredBy[folder] ?? []).map(
    (name) => `test/integration/${name}.test.ts`,
  );
  return [...new Set([...own, ...(file in coveredElsewhere ? [] : inFolder), ...others])];
}
