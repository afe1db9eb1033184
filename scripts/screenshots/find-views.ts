import type { Page } from 'playwright-core';

export type Viewer = 'guest' | 'customer' | 'admin';

export interface View {
  readonly name: string;
  readonly path: string;
  /** Who looks at it: the demo accounts, or a visitor without a session. */
  readonly viewer: Viewer;
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

/** The views of shop and console, with products that exist there. */
export async function findViews(url: string): Promise<View[]> {
  const { data } = (await (await fetch(new URL('/products?limit=100', url))).json()) as Listed;
  const sale = data.find(({ purchaseLimit }) => purchaseLimit !== null)?.id ?? '';
  const gone = data.find(({ stock }) => stock === 0)?.id ?? '';
  const guest = (name: string, path: string, more: Partial<View> = {}): View => ({
    name,
    path,
    viewer: 'guest',
    isWhole: true,
    ...more,
  });
  const own = (name: string, path: string, more: Partial<View> = {}): View => ({
    ...guest(name, path, more),
    viewer: 'customer',
  });
  const console = (name: string, path: string, more: Partial<View> = {}): View => ({
    ...guest(`console-${name}`, `/console/${path}`, more),
    viewer: 'admin',
  });
  /** The first entry of a list. */
  const first = (list: string, ready: string) => ({
    prepare: async (page: Page) => {
      const link = page.locator(`main a[href^="/console/${list}/"]:not([href$="/new"])`).first();
      if ((await link.count()) === 0) return;
      await link.click();
      await page.waitForSelector(ready);
    },
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
    guest('console-log-in', '/console/'),
    console('overview', ''),
    console('orders', 'orders'),
    console('order', 'orders', first('orders', '.chain')),
    console('customers', 'customers'),
    console('customer', 'customers', first('customers', '.columns')),
    console('products', 'products'),
    console('product', `products/${sale}`),
    console('new-product', 'products/new'),
    console('coupons', 'coupons'),
    console('coupon', 'coupons', first('coupons', 'form')),
    console('sale-room', 'sale-room'),
    console('sale', `sale-room/${sale}`),
    console('demo-sale', 'demo-sale'),
    console('events', 'events'),
    console('audit', 'audit'),
    console('operators', 'operators'),
    console('runbook', 'runbook/dead-letters'),
  ];
}
