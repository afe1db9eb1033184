/** `npm run image -- upload FILE --product ID`: gives a product an image, as the browser of an admin does. */
import { readFile } from 'node:fs/promises';
import { parseArgs, parseEnv } from 'node:util';
import { imageFormatOf } from '../app/images/image-format.ts';
import { uploadImage } from './image/upload-image.ts';
import { demoAccounts } from './seed/demo-accounts.ts';
import { shopPaths } from './shop/shop-paths.ts';

const USAGE_ERROR = 2;

const usage = `usage: npm run image -- upload FILE --product ID [--url URL]

Announces a JPEG, PNG, WebP or AVIF file of up to 10 MB to a running shop, sends it straight to S3 with the presigned form that
the shop answers with, completes the upload, waits for the worker, and prints the URLs of the image.

  --url URL   the shop; by default the one that ./scripts/up runs

Works as the demo shop's admin, or as ROWLOCK_ADMIN_EMAIL with ROWLOCK_ADMIN_PASSWORD.
`;

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`image: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      product: { type: 'string' },
      url: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const [command, file, ...rest] = positionals;
  if (command !== 'upload' || file === undefined || rest.length > 0 || values.product === undefined) {
    process.stderr.write(usage);
    return USAGE_ERROR;
  }
  const bytes = await readFile(file);
  const contentType = imageFormatOf(bytes);
  if (contentType === undefined) throw new Error(`${file} is no JPEG, PNG, WebP or AVIF file`);
  const { ROWLOCK_ADMIN_EMAIL: email, ROWLOCK_ADMIN_PASSWORD: password } = process.env;
  const print = (line: string) => process.stdout.write(`${line}\n`);
  const image = await uploadImage({
    shopUrl: values.url ?? (await findShopUrl()),
    account: email === undefined || password === undefined ? demoAdmin() : { email, password },
    productId: values.product,
    bytes,
    contentType,
    print,
  });
  for (const { width, height, url } of image.variants) {
    print(`${`${width} x ${height}`.padStart(13)}  ${url}`);
  }
  return 0;
}

function demoAdmin() {
  const { email, password } = demoAccounts.admin;
  return { email, password };
}

async function findShopUrl(): Promise<string> {
  const settings = await readFile(shopPaths.environment, 'utf8').catch(() => undefined);
  const { HTTP_HOST, HTTP_PORT } = settings === undefined ? {} : parseEnv(settings);
  if (HTTP_PORT === undefined) throw new Error('./scripts/up does not run here; name the shop with --url');
  return `http://${HTTP_HOST ?? '127.0.0.1'}:${HTTP_PORT}`;
}
