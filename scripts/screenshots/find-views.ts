import type { Page } from 'playwright-core';

export interface View {
  readonly name: string;
  readonly path: string;
  readonly needsAccount: boolean;
  /** The whole page instead of its first screen. */
  readonly isWhole: boolean;
  readonly prepare?: (page: Page) => Promise<unknown>;
}

interface Listed {
  readonly data: readonly {
    readonly id: string;
    readonly purchaseLimit: number | null;
    readonly stock: number;
  }[];
}

/** The shop's views, with products that exist there. */
export async function findViews(url: string): Promise<View[]> {
  const { data } = (await (await fetch(new URL('/products?limit=100', url))).json()) as Listed;
  const sale = data.find(({ purchaseLimit }) => purchaseLimit !== null)?.id ?? '';
  const gone = data.find(({ stock }) => stock === 0)?.id ?? '';
  const guest = (name: string, path: string, more: Partial<View> = {}): View => ({
    name,
    path,
    needsAccount: false,
    isWhole: true,
    ...more,
  });
  const own = (name: string, path: string, more: Partial<View> = {}): View => ({
    ...guest(name, path, more),
    needsAccount: true,
  });
  return [
    guest('list', '/shop/'),
    guest('search', '/shop/?q=tea&sort=price_asc&stock=yes'),
    guest('nothing', '/shop/?q=zzzz'),
    guest('product', `/shop/products/${sale}`),
    guest('gone', `/shop/products/${gone}`),
    guest('missing', '/shop/nowhere'),
    guest('log-in', '/shop/log-in'),
    guest('sign-up', '/shop/sign-up'),
    guest('guest-orders', '/shop/orders'),
    own('coupons', '/shop/coupons'),
    own('buy', `/shop/buy/${sale}?quantity=1`),
    own('drawer', `/shop/products/${data[0]?.id}`, {
      isWhole: false,
      prepare: async (page) => {
        await page.click('.buying button.plain');
        await page.waitForSelector('dialog[open] .checkout');
      },
    }),
    own('cart', '/shop/cart'),
    own('orders', '/shop/orders'),
    own('order', '/shop/orders', {
      prepare: async (page) => {
        const first = page.locator('a.order-row').first();
        if ((await first.count()) === 0) return;
        await first.click();
        await page.waitForSelector('.facts');
      },
    }),
    own('balance', '/shop/balance'),
    own('account', '/shop/account'),
  ];
}
