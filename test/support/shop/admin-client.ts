import type { AdminRole } from '../../../app/http/contract/admin-role.ts';
import { uuidBytes } from '../../../app/platform/uuid.ts';
import type { TestDatabase } from '../servers/database.ts';
import type { AppProcess } from './app-process.ts';
import type { HttpClient } from './http-client.ts';
import type { TestShop } from './test-shop.ts';

export interface AdminClient extends HttpClient {
  readonly userId: string;
  /** Creates a product on sale; returns its id. */
  newProduct(fields?: {
    name?: string;
    price?: number;
    stock?: number;
    purchaseLimit?: number;
  }): Promise<string>;
}

/** Makes an admin of a customer. */
export async function makeAdminBySql(
  database: Pick<TestDatabase, 'write'>,
  userId: string,
  role: AdminRole = 'owner',
): Promise<void> {
  await database.write("UPDATE users SET role = 'admin', admin_role = ? WHERE id = ?", [
    role,
    uuidBytes(userId),
  ]);
}

/** A client with an admin's session. The role is granted by SQL: no request of a customer can do it. */
export async function adminClient(
  shop: TestShop,
  app: AppProcess,
  role: AdminRole = 'owner',
): Promise<AdminClient> {
  const visitor = shop.client(app);
  const { id, ...credentials } = await visitor.signUp();
  await makeAdminBySql(shop.database, id, role);
  const admin = await visitor.logIn(credentials);
  return {
    ...admin,
    userId: id,
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
