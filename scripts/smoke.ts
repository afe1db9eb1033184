/** `npm run smoke`: one order, one image, through everything that a deployment connects. See usage. */
import { parseArgs } from 'node:util';
import { demoAccounts } from './seed/demo-accounts.ts';
import { progress } from './shop/progress.ts';
import { shopApi } from './smoke/shop-api.ts';
import { smokeShop } from './smoke/smoke-shop.ts';

const usage = `usage: npm run smoke -- --url URL [--key KEY]

Drives the shop at URL: order → queue → statistics → popular list, and image → bucket → worker → variant, then takes back
what it did. Ends with 0 when every step did what it should.

  --url URL   such as ShopUrl or ApiUrl of the Edge stack, or what ./scripts/up prints
  --key KEY   the API key that the gateway asks for at ApiUrl

Environment: SMOKE_ADMIN_EMAIL and SMOKE_ADMIN_PASSWORD, an admin of that shop; for one on this machine the demo admin.
`;

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`smoke: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      url: { type: 'string' },
      key: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  if (values.url === undefined || !URL.canParse(values.url)) throw new Error('--url is the URL of a shop');
  const api = shopApi(values.url.replace(/\/$/, ''), values.key);
  await smokeShop({ api, admin: adminOf(new URL(values.url)), log: progress });
  progress('everything is connected');
  return 0;
}

function adminOf({ hostname }: URL): { email: string; password: string } {
  const { SMOKE_ADMIN_EMAIL: email, SMOKE_ADMIN_PASSWORD: password } = process.env;
  if (email !== undefined && password !== undefined) return { email, password };
  // The passwords of the demo accounts are known to everybody: no other shop has them.
  if (hostname === '127.0.0.1' || hostname === 'localhost') {
    return { email: demoAccounts.admin.email, password: demoAccounts.admin.password };
  }
  throw new Error('SMOKE_ADMIN_EMAIL and SMOKE_ADMIN_PASSWORD are not set');
}
