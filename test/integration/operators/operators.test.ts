import { hash } from 'node:crypto';
import { expect } from 'chai';
import { newUuid } from '../../../app/platform/uuid.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

const PASSWORD = 'a password of their own';

describe('an invitation to operate the shop', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let owner: AdminClient;

  before(async () => {
    app = await shop.start(['api']);
    owner = await adminClient(shop, app);
  });

  const invite = (email: string, role = 'operator') => owner.post('/admin/operators', { email, role });
  const accept = (token: string, password = PASSWORD) =>
    shop.client(app).post('/auth/invitations/accept', { token, password });
  const logIn = (email: string) => shop.client(app).logIn({ email, password: PASSWORD });

  it('makes the invited person an admin with that role, who sets the password', async () => {
    const invited = await invite('New@Example.com', 'viewer');
    expect(invited.status).to.equal(201);
    expect(invited.body).to.include({ email: 'new@example.com', role: 'viewer' });
    const listed = (await owner.get('/admin/operators')).body;
    const [invitation] = listed.invitations;
    expect(invitation).to.include({ email: 'new@example.com', role: 'viewer' }).and.not.have.key('token');

    const accepted = await accept(invited.body.token);
    expect(accepted.status).to.equal(200);
    expect(accepted.body).to.include({ email: 'new@example.com', role: 'admin', adminRole: 'viewer' });
    const viewer = await logIn('new@example.com');
    expect((await viewer.get('/admin/products')).status).to.equal(200);
    expect((await viewer.post('/admin/products', { name: 'Cup', price: 1, stock: 1 })).status).to.equal(403);
    const after = (await owner.get('/admin/operators')).body;
    expect(after.invitations).to.deep.equal([]);
    expect(
      after.data.map(({ email, role, status }: Record<string, string>) => [email, role, status]),
    ).to.deep.include(['new@example.com', 'viewer', 'ACTIVE']);
    const trail = (await owner.get(`/admin/actions?targetId=${accepted.body.id}`)).body.data;
    expect(trail[0]).to.deep.include({ action: 'operator_joined', after: { role: 'viewer' } });
  });

  it('is stored as a hash, and neither logged nor shown again', async () => {
    const { token } = (await invite('hashed@example.com')).body;
    const [row] = await shop.database.read<{ token_hash: Buffer }>(
      "SELECT token_hash FROM operator_invitations WHERE email = 'hashed@example.com'",
    );
    expect(row?.token_hash).to.deep.equal(hash('sha256', token, 'buffer'));
    const tables = ['operator_invitations', 'admin_actions', 'idempotent_replies'];
    for (const table of tables) {
      expect(JSON.stringify(await shop.database.read(`SELECT * FROM ${table}`)), table).to.not.include(token);
    }
    expect(JSON.stringify(app.logs)).to.not.include(token).and.not.include('hashed@example.com');
  });

  it('is accepted once, also by two at the same time', async () => {
    const { token } = (await invite('once@example.com')).body;
    const replies = await Promise.all([accept(token), accept(token), accept(token)]);
    expect(replies.map(({ status }) => status)).to.have.members([200, 404, 404]);
    expect((await accept(token)).body.code).to.equal('invitation_not_found');
  });

  it('ends when it expires or is replaced', async () => {
    const first = (await invite('slow@example.com')).body.token;
    const second = (await invite('slow@example.com')).body.token;
    expect((await accept(first)).status).to.equal(404);
    await shop.database.write("UPDATE operator_invitations SET expires_at = '2026-01-01'");
    expect((await accept(second)).status).to.equal(404);
    expect((await accept('x'.repeat(43))).status).to.equal(404);
    expect((await owner.get('/admin/operators')).body.invitations).to.deep.equal([]);
  });

  it("takes a customer's account over: whoever registered the address loses it", async () => {
    const squatter = { email: 'squatted@example.com', password: 'of a stranger' };
    await shop.client(app).signUp(squatter);
    const session = await shop.client(app).logIn(squatter);
    const { token } = (await invite(squatter.email)).body;
    expect((await accept(token)).status).to.equal(200);
    expect((await shop.client(app).post('/auth/login', squatter)).status).to.equal(401);
    await until('the session has ended', async () => (await session.get('/me')).status === 401, {
      timeoutMs: 60_000,
    });
    expect((await (await logIn(squatter.email)).get('/me')).body.adminRole).to.equal('operator');
  });

  it('is refused for an admin, and to everyone but owners', async () => {
    const { email } = (await owner.get('/me')).body;
    expect((await invite(email)).body.code).to.equal('operator_exists');
    const operator = await adminClient(shop, app, 'operator');
    const refused = await operator.post('/admin/operators', { email: 'own@example.com', role: 'owner' });
    expect(refused.status).to.equal(403);
  });
});

describe('operators that an owner changes', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let owner: AdminClient;

  beforeEach(async () => {
    app = await shop.start(['api']);
    await shop.database.write("UPDATE users SET role = 'customer'");
    owner = await adminClient(shop, app);
  });

  const change = (by: AdminClient, id: string, role: string, status = 'ACTIVE') =>
    by.request('PUT', `/admin/operators/${id}`, { body: { role, status } });

  it('have the new role at once, or no session when disabled', async () => {
    const other = await adminClient(shop, app, 'operator');
    const changed = await change(owner, other.userId, 'viewer');
    expect(changed.body).to.include({ id: other.userId, role: 'viewer', status: 'ACTIVE' });
    expect((await other.get('/me')).status).to.equal(401);
    const disabled = await change(owner, other.userId, 'viewer', 'DISABLED');
    expect(disabled.body.status).to.equal('DISABLED');
    expect((await change(owner, other.userId, 'viewer', 'DISABLED')).status).to.equal(200);
    const trail = (await owner.get(`/admin/actions?targetId=${other.userId}`)).body.data;
    expect(trail.map(({ before, after }: Record<string, object>) => [before, after])).to.deep.equal([
      [{ status: 'ACTIVE' }, { status: 'DISABLED' }],
      [{ role: 'operator' }, { role: 'viewer' }],
    ]);
  });

  it('always include an owner who can log in', async () => {
    const self = owner.userId;
    expect((await change(owner, self, 'viewer')).body.code).to.equal('last_owner');
    expect((await change(owner, self, 'owner', 'DISABLED')).body.code).to.equal('last_owner');
    const second = await adminClient(shop, app);
    const [one, two] = await Promise.all([
      change(owner, self, 'viewer'),
      change(second, second.userId, 'viewer'),
    ]);
    expect([one.status, two.status]).to.have.members([200, 409]);
    const owners = "SELECT COUNT(*) FROM users WHERE role = 'admin' AND admin_role = 'owner'";
    expect(await shop.database.value(owners)).to.equal(1);
  });

  it('are admins: a customer or an unknown id is not found', async () => {
    const customer = await shop.client(app).newCustomer();
    for (const id of [customer.userId, newUuid()]) {
      expect((await change(owner, id, 'owner')).body.code).to.equal('operator_not_found');
    }
    expect((await customer.get('/me')).body.role).to.equal('customer');
  });
});
