import { uuidBytes } from '../../../app/platform/uuid.ts';
import type { AppProcess } from './app-process.ts';
import type { HttpClient } from './http-client.ts';
import type { TestShop } from './test-shop.ts';

export interface AdminClient extends HttpClient {
  /** Creates a product on sale; returns its id. */
  newProduct(fields?: {
    name?: string;
    price?: number;
    stock?: number;
    purchaseLimit?: number;
  }): Promise<string>;
}

/** A client with an admin's session. The role is granted by SQL: no request can do it. */
export async function adminClient(shop: TestShop, app: AppProcess): Promise<AdminClient> {
  const visitor = shop.client(app);
  const { id, ...credentials } = await visitor.signUp();
  await shop.database.write("UPDATE users SET role = 'admin' WHERE id = ?", [uuidBytes(id)]);
  const admin = await visitor.logIn(credentials);
  return {
    ...admin,
    async newProduct({ name = 'Cup', price = 100, stock = 10, purchaseLimit } = {}) {
      const reply = await admin.post('/admin/products', {
        name,
        price,
        stock,
        purchaseLimit: purchaseLimit ?? null,
      });
      if (reply.status !== 201) throw new Error(`no product: ${reply.status} ${reply.text}`);
      return reply.body.id as string;
    },
  };
}
