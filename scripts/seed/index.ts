/**
 * `node scripts/seed/index.ts` fills the shop that the app's environment variables name with demo data: products,
 * images, a customer and an admin. A second run finds everything there.
 */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { messagesOf } from '../../app/platform/observe/messages-of.ts';
import { shopPaths } from '../shop/shop-paths.ts';

// Loading the AWS SDK and the driver is most of a run that finds everything there: 0.6 s instead of 1.1 s on two
// busy cores. It counts for what is imported after it.
enableCompileCache(join(shopPaths.cache, 'node-compile-cache'));

try {
  const { parseSeedConfig } = await import('../../app/config/read-config.ts');
  const { seedDemoShop } = await import('./seed-demo-shop.ts');
  await seedDemoShop({
    config: parseSeedConfig(process.env),
    cacheDir: shopPaths.cache,
    print: (line) => process.stdout.write(`seed: ${line}\n`),
  });
} catch (error) {
  process.stderr.write(`seed: ${messagesOf(error).join(': ')}\n`);
  process.exitCode = 1;
}
