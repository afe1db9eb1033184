/** `npm run image -- upload FILE --product ID`: uploads a product image as an admin's browser does. */
import { readFile, stat } from 'node:fs/promises';
import { parseArgs, parseEnv } from 'node:util';
import { imageFormatOf } from '../../app/images/image-format.ts';
import { IMAGE_SIZE_MAX_BYTES } from '../../app/images/image-limits.ts';
import { runCommand, UsageError } from '../run-command.ts';
import { uploadImage } from './upload-image.ts';
import { demoAccounts } from '../seed/demo-accounts.ts';
import { shopPaths } from '../shop/shop-paths.ts';

const usage = `usage: npm run image -- upload FILE --product ID [--url URL]

Announces a JPEG, PNG, WebP or AVIF file of up to 10 MB to a running shop, sends it straight to S3 with the
presigned form in the shop's response, completes the upload, waits for the worker and prints the image's URLs.

  --url URL   the shop (default: the one that ./scripts/up runs)

Logs in as the demo shop's admin, or as ROWLOCK_ADMIN_EMAIL with ROWLOCK_ADMIN_PASSWORD.

Exits with 0 when the image is published, with 1 when it is not, and with 2 when the arguments are wrong.
`;

await runCommand('image', main);

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
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
    throw new UsageError('usage is `upload FILE --product ID`; see --help');
  }
  if (values.url !== undefined && !/^https?:/.test(URL.parse(values.url)?.protocol ?? '')) {
    throw new UsageError(`--url ${values.url} is no http or https address`);
  }
  const bytes = await readImage(file);
  const contentType = imageFormatOf(bytes);
  if (contentType === undefined) throw new Error(`${file} is no JPEG, PNG, WebP or AVIF file`);
  const account = adminAccount(process.env);
  const print = (line: string) => process.stdout.write(`${line}\n`);
  const image = await uploadImage({
    shopUrl: values.url?.replace(/\/+$/, '') ?? (await findShopUrl()),
    account,
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

async function readImage(file: string): Promise<Buffer<ArrayBuffer>> {
  const { size } = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${file} cannot be read: ${error.code}`);
  });
  if (size > IMAGE_SIZE_MAX_BYTES) throw new Error(`${file} has ${size} bytes, above 10 MB`);
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${file} cannot be read: ${error.code}`);
  });
}

/** Requires both variables or neither: one alone is a mistake, and the demo admin would hide it. */
function adminAccount(env: NodeJS.ProcessEnv): { email: string; password: string } {
  const { ROWLOCK_ADMIN_EMAIL: email, ROWLOCK_ADMIN_PASSWORD: password } = env;
  if (email !== undefined && password !== undefined) return { email, password };
  if (email !== undefined || password !== undefined)
    throw new Error('set both ROWLOCK_ADMIN_EMAIL and ROWLOCK_ADMIN_PASSWORD, or neither');
  const { admin } = demoAccounts;
  return { email: admin.email, password: admin.password };
}

async function findShopUrl(): Promise<string> {
  const settings = await readFile(shopPaths.environment, 'utf8').catch(() => undefined);
  const { HTTP_HOST, HTTP_PORT } = settings === undefined ? {} : parseEnv(settings);
  if (HTTP_PORT === undefined) throw new Error('./scripts/up is not running here: name the shop with --url');
  return `http://${HTTP_HOST ?? '127.0.0.1'}:${HTTP_PORT}`;
}
