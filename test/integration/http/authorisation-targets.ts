import { createHash, randomUUID } from 'node:crypto';
import { uuidBytes, uuidText } from '../../../app/platform/uuid.ts';
import type { Account } from './authorisation-callers.ts';
import { makeAdminBySql } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { postForm } from '../../support/shop/image-uploads.ts';
import { newDeadLetter } from '../../support/shop/new-dead-letter.ts';
import type { TestShop } from '../../support/shop/test-shop.ts';
import { insertCoupon } from '../../support/shop/user-coupons.ts';

/** A request that is right except for its sender. It targets unused resources of the owner or the admin. */
export interface AuthorisationTarget {
  readonly path: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** The smallest PNG: one pixel. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const image = {
  contentType: 'image/png',
  size: PIXEL.length,
  sha256: createHash('sha256').update(PIXEL).digest('hex'),
};

/** Returns a function that creates what one request to the named route needs. */
export function authorisationTargets(
  { shop, app }: { shop: TestShop; app: AppProcess },
  accounts: { readonly owner: Account; readonly admin: Account },
): (route: string) => Promise<AuthorisationTarget> {
  const newProduct = async (): Promise<string> => {
    const admin = await shop.client(app).logIn(accounts.admin.credentials);
    const made = await admin.post('/admin/products', { name: 'Cup', price: 10, stock: 100 });
    if (made.status !== 201) throw new Error(`no product: ${made.text}`);
    return made.body.id as string;
  };
  const newOrder = async (): Promise<string> => {
    const owner = await shop.client(app).logIn(accounts.owner.credentials);
    const placed = await owner.postOrder([{ productId: await newProduct(), quantity: 1 }]);
    if (placed.status !== 200) throw new Error(`no order: ${placed.text}`);
    return placed.body.id as string;
  };
  /** An image that the admin announced and uploaded, but has not completed. */
  const newImage = async (): Promise<string> => {
    const admin = await shop.client(app).logIn(accounts.admin.credentials);
    const announced = await admin.post(`/admin/products/${await newProduct()}/images`, image);
    if (announced.status !== 201) throw new Error(`no image: ${announced.text}`);
    const sent = await postForm(announced.body, PIXEL);
    if (!sent.ok) throw new Error(`not uploaded: ${await sent.text()}`);
    return announced.body.imageId as string;
  };
  const newInvitation = async (): Promise<string> => {
    const admin = await shop.client(app).logIn(accounts.admin.credentials);
    const invite = { email: `${randomUUID()}@example.com`, role: 'viewer' };
    const made = await admin.post('/admin/operators', invite);
    if (made.status !== 201) throw new Error(`no invitation: ${made.text}`);
    return made.body.token as string;
  };
  const newOperator = async (): Promise<string> => {
    const { id } = await shop.client(app).signUp();
    await makeAdminBySql(shop.database, id, 'operator');
    return id;
  };
  const product = { name: 'Cup', description: 'A cup.', price: 100, purchaseLimit: 2 };
  const coupon = {
    name: 'Welcome',
    discount: { kind: 'FIXED', amount: 10 },
    quantity: 5,
    validFrom: '2026-01-01T00:00:00Z',
    validUntil: '2099-01-01T00:00:00Z',
  };
  const bodies: Readonly<Record<string, (path: Readonly<Record<string, string>>) => unknown>> = {
    'POST /auth/signup': () => ({ email: `${randomUUID()}@example.com`, password: 'correct horse' }),
    'POST /auth/login': () => accounts.owner.credentials,
    'POST /auth/invitations/accept': ({ token }) => ({ token, password: 'correct horse' }),
    'POST /admin/customers/:customerId/balance-adjustments': () => ({ amount: 1, reason: 'goodwill' }),
    'POST /admin/operators': () => ({ email: `${randomUUID()}@example.com`, role: 'viewer' }),
    'PUT /admin/operators/:operatorId': () => ({ role: 'viewer', status: 'ACTIVE' }),
    'POST /me/balance/charges': () => ({ amount: 10 }),
    'POST /orders': ({ productId }) => ({ items: [{ productId, quantity: 1 }] }),
    'POST /cart/items': ({ productId }) => ({ productId, quantity: 1 }),
    'PUT /cart/items/:productId': () => ({ quantity: 2 }),
    'POST /admin/products': () => ({ ...product, stock: 5 }),
    'PUT /admin/products/:productId': () => ({ ...product, status: 'ACTIVE' }),
    'POST /admin/products/:productId/stock-adjustments': () => ({ delta: 1, reason: 'found' }),
    'POST /admin/products/:productId/images': () => image,
    'POST /admin/orders/:orderId/cancel': () => ({ reason: 'sent back' }),
    'POST /admin/demo-sale': () => ({}),
    'POST /admin/coupons': () => coupon,
    'PUT /admin/coupons/:couponId': () => ({ ...coupon, minimumOrder: 0, status: 'ACTIVE' }),
  };

  return async (route) => {
    const path: Record<string, string> = {};
    if (/:productId|POST \/(orders|cart\/items)$/.test(route)) path['productId'] = await newProduct();
    if (route.includes(':orderId')) path['orderId'] = await newOrder();
    if (route.includes(':imageId')) path['imageId'] = await newImage();
    if (route.includes(':couponId')) path['couponId'] = await insertCoupon(shop.database);
    const token = route.endsWith('/accept') ? await newInvitation() : '';
    if (route.includes(':customerId')) path['customerId'] = accounts.owner.id;
    if (route.includes(':letterId')) path['letterId'] = await newDeadLetter(shop.aws);
    if (route.includes(':operatorId')) path['operatorId'] = await newOperator();
    const body = bodies[route]?.({ ...path, token });
    return { path, ...(body === undefined ? {} : { body }) };
  };
}

/** Ids that would reveal that the owner exists. */
export async function idsOfOwner(shop: TestShop, owner: Account): Promise<string[]> {
  const orders = await shop.database.read<{ id: Buffer }>('SELECT id FROM orders WHERE user_id = ?', [
    uuidBytes(owner.id),
  ]);
  return [owner.id, owner.credentials.email, ...orders.map(({ id }) => uuidText(id))];
}
