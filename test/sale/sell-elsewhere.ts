import { createInterface } from 'node:readline/promises';
import { setTimeout as delay } from 'node:timers/promises';
import {
  createRowlockClient,
  type RowlockClient,
  RowlockProblem,
} from '../../app/web/client/rowlock-client.ts';
import type { SaleOptions } from './sale-options.ts';
import { saleFigures, type SaleAnswer } from './sale-outcome.ts';
import { saleReport, whole } from './sale-report.ts';

/** Orders in progress at once. */
const CONNECTIONS = 100;
const PRICE_KRW = 1000;
const ATTEMPTS_MAX = 50;

/**
 * Sells at another shop through its API alone, as its owner. Resolves with the exit code. Nothing is changed
 * before the owner has confirmed what is about to happen.
 */
export async function sellElsewhere(url: string, options: SaleOptions, signal: AbortSignal): Promise<number> {
  const { ROWLOCK_EMAIL: email, ROWLOCK_PASSWORD: password } = process.env;
  if (!email || !password) throw new Error('set ROWLOCK_EMAIL and ROWLOCK_PASSWORD to those of an owner');
  const owner = await logIn(url, { email, password });
  const { adminRole, role } = await owner.call('readAccount');
  if (adminRole !== 'owner') throw new Error(`${email} is no owner of ${url}, but ${adminRole ?? role}`);
  console.log(plan(url, options).join('\n'));
  if (!options.yes && !(await isConfirmed(new URL(url).host))) {
    console.log('Nothing was done.');
    return 1;
  }

  const name = `Sale of ${new Date().toISOString().slice(0, 19)}Z`;
  const product = await owner.call('createProduct', {
    body: { name, description: 'A rehearsal.', price: PRICE_KRW, stock: options.units, purchaseLimit: null },
  });
  try {
    const customers = await signUpCustomers(url, options);
    const startMs = performance.now();
    const { answers, retries } = await sendOrders(customers, { productId: product.id, options, signal });
    const durationMs = performance.now() - startMs;
    const { stock } = await owner.call('readAnyProduct', { path: { productId: product.id } });
    const figures = saleFigures({
      seller: new URL(url).host,
      units: options.units,
      answers,
      retries,
      durationMs,
      leftAfter: stock,
      recorded: undefined,
    });
    console.log(['', ...saleReport([figures])].join('\n'));
    return figures.oversold === 0 && figures.placed + stock === options.units ? 0 : 1;
  } finally {
    await withdraw(owner, product.id);
  }
}

function plan(url: string, { buyers, units, overMs, accounts }: SaleOptions): string[] {
  return [
    `At ${url} this will`,
    `  - put a product on sale that everyone can see: ${whole(units)} units at ${PRICE_KRW} won`,
    `  - sign up ${accounts} customers and charge their balances`,
    `  - send ${whole(buyers)} orders in ${overMs / 1000} s, at most ${CONNECTIONS} at once`,
    '  - take the product off sale again; the customers, their orders and their events stay',
  ];
}

async function isConfirmed(host: string): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  // A closed input is no answer, and leaves the question open for ever.
  const closed = new Promise<string>((resolve) => prompt.once('close', () => resolve('')));
  try {
    return (await Promise.race([prompt.question(`Type ${host} to go on: `), closed])) === host;
  } finally {
    prompt.close();
  }
}

async function logIn(url: string, account: { email: string; password: string }): Promise<RowlockClient> {
  const { token } = await createRowlockClient({ baseUrl: url }).call('logIn', { body: account });
  return createRowlockClient({ baseUrl: url, token: () => token, attemptsMax: 1 });
}

/** One after the other: each is two password hashes. */
async function signUpCustomers(url: string, options: SaleOptions): Promise<RowlockClient[]> {
  const visitor = createRowlockClient({ baseUrl: url, attemptsMax: ATTEMPTS_MAX });
  const run = Date.now().toString(36);
  const amount = Math.ceil(options.buyers / options.accounts) * PRICE_KRW;
  const customers: RowlockClient[] = [];
  for (let index = 0; index < options.accounts; index += 1) {
    const account = { email: `sale-${run}-${index}@example.com`, password: crypto.randomUUID() };
    await visitor.call('signUp', { body: account });
    const customer = await logIn(url, account);
    await customer.call('chargeBalance', { body: { amount }, key: 'sale' });
    customers.push(customer);
  }
  return customers;
}

async function sendOrders(
  customers: readonly RowlockClient[],
  { productId, options, signal }: { productId: string; options: SaleOptions; signal: AbortSignal },
): Promise<{ answers: SaleAnswer[]; retries: number }> {
  const answers: SaleAnswer[] = [];
  let retries = 0;
  const startMs = performance.now();
  const body = { items: [{ productId, quantity: 1 }] };
  const buyers = Array.from({ length: options.buyers }, (_, index) => index).values();
  const worker = async (): Promise<void> => {
    for (const index of buyers) {
      const arrivalMs = startMs + (options.overMs * index) / options.buyers;
      await delay(Math.max(0, arrivalMs - performance.now()), undefined, { signal });
      const customer = customers[index % customers.length] as RowlockClient;
      const { code, tries } = await order(customer, { body, key: `sale-${index}`, signal });
      retries += tries;
      const nowMs = performance.now();
      answers.push({ code, latencyMs: nowMs - arrivalMs, answeredAtMs: nowMs - startMs });
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  return { answers, retries };
}

async function order(
  customer: RowlockClient,
  request: { body: { items: { productId: string; quantity: number }[] }; key: string; signal: AbortSignal },
): Promise<{ code: string; tries: number }> {
  for (let tries = 0; ; tries += 1) {
    try {
      await customer.call('placeOrder', request);
      return { code: 'placed', tries };
    } catch (error) {
      request.signal.throwIfAborted();
      const isDefinite = error instanceof RowlockProblem && error.status !== 503 && error.status !== 429;
      if (isDefinite) return { code: error.code, tries };
      if (tries === ATTEMPTS_MAX) throw error;
      await delay(Math.random() * 1000, undefined, { signal: request.signal });
    }
  }
}

async function withdraw(owner: RowlockClient, productId: string): Promise<void> {
  const product = await owner.call('readAnyProduct', { path: { productId } });
  const { name, description, price, purchaseLimit, version } = product;
  await owner.call('replaceProduct', {
    path: { productId },
    ifMatch: `"v${version}"`,
    body: { name, description, price, purchaseLimit, status: 'INACTIVE' },
  });
  console.log(`${name} is off sale again.`);
}
