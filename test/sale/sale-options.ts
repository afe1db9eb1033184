import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';

export const saleUsage = `usage: npm run sale -- [--buyers=N] [--units=N] [--over=S] [--naive]
       npm run sale -- --url=https://shop.example [--buyers=N] [--units=N] [--over=S] [--accounts=N] [--yes]

Sells the units of one product to a crowd, in a process of its own, and reports: sold, oversold, latency,
refusals by code, and whether the shop adds up. Exits with 1 if it oversold or does not add up.

  --buyers=N    orders that are sent, each by a customer of its own (default 10000, at most 100000)
  --units=N     units for sale (default 100)
  --over=S      seconds over which the buyers arrive (default 5; 0: all at once)
  --naive       then sells as many units again through a server that is written the usual way, one
                transaction an order, on the same database, and prints both side by side
  --url=URL     sells at another shop. Needs ROWLOCK_EMAIL and ROWLOCK_PASSWORD of an owner, says first what
                it will do there, and asks for confirmation
  --accounts=N  customers that it signs up there and shares among the buyers (default 20, at most 200)
  --yes         do not ask

Without --url it needs the shop of ./scripts/up: it sets the stock of one demo product, and creates its buyers
with a balance and a session each, directly in the database. Ctrl-C ends the sale.
`;

export interface SaleOptions {
  readonly help: boolean;
  readonly buyers: number;
  readonly units: number;
  readonly overMs: number;
  readonly naive: boolean;
  /** Undefined: the shop of ./scripts/up. */
  readonly url: string | undefined;
  readonly accounts: number;
  readonly yes: boolean;
  /** Names the sale in the console; generated unless the console gives one. */
  readonly id: string;
}

const limits = { buyers: [1, 100_000], units: [1, 1_000_000], over: [0, 600], accounts: [1, 200] } as const;

/** Throws an error that names the option for one that is unknown or outside its bounds. */
export function parseSaleOptions(args: readonly string[]): SaleOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      buyers: { type: 'string', default: '10000' },
      units: { type: 'string', default: '100' },
      over: { type: 'string', default: '5' },
      accounts: { type: 'string', default: '20' },
      naive: { type: 'boolean', default: false },
      url: { type: 'string' },
      yes: { type: 'boolean', default: false },
      id: { type: 'string', default: randomUUID() },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const count = (name: keyof typeof limits): number => {
    const [min, max] = limits[name];
    const value = Number(values[name]);
    if (!/^[0-9]{1,7}$/.test(values[name]) || value < min || value > max)
      throw new Error(`--${name} must be a whole number from ${min} to ${max}`);
    return value;
  };
  if (values.url !== undefined && !maySendPasswordTo(values.url))
    throw new Error('--url must be an address such as https://shop.example; http:// is for this machine');
  if (values.url !== undefined && values.naive)
    throw new Error('--naive needs the database of the shop, so it works without --url only');
  return {
    help: values.help,
    buyers: count('buyers'),
    units: count('units'),
    overMs: count('over') * 1000,
    naive: values.naive,
    url: values.url?.replace(/\/+$/, ''),
    accounts: count('accounts'),
    yes: values.yes,
    id: values.id,
  };
}

function maySendPasswordTo(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return (
    protocol === 'https:' || (protocol === 'http:' && /^(localhost|\[::1\]|127(\.\d+){3})$/.test(hostname))
  );
}
