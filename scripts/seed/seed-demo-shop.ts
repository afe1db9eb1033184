import type { SeedConfig } from '../../app/config/read-config.ts';
import { isMigrated } from '../../app/migrations/migrate.ts';
import { type Database, openDatabase } from '../../app/platform/mysql/database.ts';
import { createLog } from '../../app/platform/observe/log.ts';
import { openBucket } from '../../app/platform/aws/s3.ts';
import { DEMO_BALANCE_KRW, demoAccounts } from './demo-accounts.ts';
import { demoCatalogue } from './demo-catalogue.ts';
import { demoCoupons } from './demo-coupons.ts';
import { seedAccounts } from './seed-accounts.ts';
import { type SeededCatalogue, seedCatalogue } from './seed-catalogue.ts';
import { seedCoupons } from './seed-coupons.ts';

export interface SeedOptions {
  readonly config: SeedConfig;
  /** Parent folder of rendered pictures. */
  readonly cacheDir: string;
  /** Receives one line per kind of data. */
  readonly print: (line: string) => void;
}

export type SeededShop = SeededCatalogue & {
  readonly accountsCreatedCount: number;
  readonly chargedKrw: number;
  readonly couponsCreatedCount: number;
};

/**
 * Fills a migrated database and its images bucket with the demo shop: 100 products with pictures, two
 * coupons, a customer with a balance and an admin. Only adds missing data, so it may run repeatedly and
 * concurrently. Throws unless STAGE is `local`, because the passwords are public.
 */
export async function seedDemoShop({ config, cacheDir, print }: SeedOptions): Promise<SeededShop> {
  if (config.STAGE !== 'local')
    throw new Error(`the demo shop needs STAGE=local, not STAGE=${config.STAGE}: its passwords are public`);
  const nowMs = () => Date.now();
  const log = createLog({ level: 'warn', role: 'seed', stage: config.STAGE });
  const database = openDatabase({
    // Use the writer: the code reads what it has just written.
    writerUrl: config.DATABASE_URL,
    connectionsMax: config.DATABASE_POOL_MAX,
    log,
    nowMs,
    random: () => Math.random(),
  });
  const bucket = openBucket({
    bucket: config.IMAGES_BUCKET,
    region: config.AWS_REGION,
    endpoint: config.AWS_ENDPOINT_URL,
  });
  const timed = async <T>(work: Promise<T>, line: (result: T) => string): Promise<T> => {
    const startedMs = performance.now();
    const result = await work;
    print(`${line(result)} (${Math.round(performance.now() - startedMs)} ms)`);
    return result;
  };
  try {
    await requireSchema(database);
    const catalogueSeeding = timed(
      seedCatalogue({
        database,
        bucket,
        cacheDir,
        uploadRetentionMs: config.IMAGE_UPLOAD_RETENTION_MS,
        nowMs,
        log,
      }),
      catalogueLine,
    );
    const accountsSeeding = timed(
      seedAccounts({ database, passwordHashing: config.PASSWORD_HASHING, nowMs }),
      accountsLine,
    );
    const couponsSeeding = timed(seedCoupons(database), couponsLine);
    // Wait for all: none may continue on a closed database after another fails.
    await Promise.allSettled([catalogueSeeding, accountsSeeding, couponsSeeding]);
    const [catalogue, accounts, couponsCreatedCount] = await Promise.all([
      catalogueSeeding,
      accountsSeeding,
      couponsSeeding,
    ]);
    return {
      ...catalogue,
      accountsCreatedCount: accounts.createdCount,
      chargedKrw: accounts.chargedKrw,
      couponsCreatedCount,
    };
  } finally {
    bucket.close();
    await database.close();
  }
}

const NO_SUCH_TABLE = 1146;

async function requireSchema(database: Database): Promise<void> {
  const migrated = await isMigrated((sql) => database.read(sql)).catch((error: unknown) => {
    if ((error as { errno?: unknown }).errno === NO_SUCH_TABLE) return false;
    throw error;
  });
  if (!migrated) throw new Error('the database is not migrated: run node app/main.ts migrate first');
}

function catalogueLine({ createdCount, renderedCount, uploadedCount }: SeededCatalogue): string {
  const all = demoCatalogue.length;
  if (uploadedCount === 0) return `products and images: all ${all} present`;
  const images = `${renderedCount} rendered, ${uploadedCount} uploaded`;
  return `products: ${createdCount} of ${all} new; images: ${images}, published as the worker finishes them`;
}

function couponsLine(createdCount: number): string {
  const all = demoCoupons.length;
  return createdCount === 0 ? `coupons: all ${all} there` : `coupons: ${createdCount} of ${all} new`;
}

function accountsLine({ createdCount, chargedKrw }: { createdCount: number; chargedKrw: number }): string {
  const all = Object.keys(demoAccounts).length;
  const accounts = createdCount === 0 ? `all ${all} there` : `${createdCount} of ${all} new`;
  const balance =
    chargedKrw === 0 ? 'charged before' : `charged ${DEMO_BALANCE_KRW.toLocaleString('en')} KRW`;
  return `accounts: ${accounts}; ${demoAccounts.customer.email} ${balance}`;
}
