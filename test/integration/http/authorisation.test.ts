import { expect } from 'chai';
import { adminRoleOf } from '../../../app/http/contract/admin-role.ts';
import { problemTable } from '../../../app/http/contract/problem-table.ts';
import type { Route } from '../../../app/http/contract/route.ts';
import { newUuid } from '../../../app/platform/uuid.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { type AuthorisationCallers, authorisationCallers } from './authorisation-callers.ts';
import {
  authorisationTable,
  type CallerName,
  callerNames,
  callers,
  type Expectation,
} from './authorisation-table.ts';
import { type AuthorisationTarget, authorisationTargets, idsOfOwner } from './authorisation-targets.ts';
import { databaseSnapshot, expectUntouched } from '../../support/servers/database-snapshot.ts';
import { sendToRoute } from '../../support/http/expect-refused.ts';
import type { RawReply } from '../../support/http/parse-reply.ts';
import { watchRedis } from '../../support/servers/redis-snapshot.ts';
import { readRouteSurface, type RouteSurface, routeName } from '../../support/http/route-surface.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

const EVENTS = 'SELECT COUNT(*) FROM outbox';
/** Callers who must not see anything of the owner's in any answer. */
const STRANGERS = new Set<CallerName>(['anon', 'other', 'admin', 'peer', 'view', 'oper']);

describe('the matrix of who may call what', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let surface: RouteSurface;
  let who: AuthorisationCallers;
  let targetOf: (route: string) => Promise<AuthorisationTarget>;
  let cells = 0;

  before(async function () {
    app = await shop.start(['api']);
    surface = await readRouteSurface(shop.env);
    who = await authorisationCallers(shop, app);
    targetOf = authorisationTargets({ shop, app }, who.accounts);
  });

  after(() => {
    console.log(`      ${authorisationTable.size} routes × ${callerNames.length} callers = ${cells} cells`);
  });

  it('has a row for every route, and no other', () => {
    expect([...authorisationTable.keys()]).to.have.members(surface.routes.map(routeName));
  });

  for (const [name, row] of authorisationTable) {
    it(`holds for ${name}`, async function () {
      const route = surface.routes.find((one) => routeName(one) === name);
      if (route === undefined) throw new Error('there is no such route');
      for (const caller of callerNames) {
        await checkCell(route, caller, row[caller]);
        cells += 1;
      }
    });
  }

  async function checkCell(route: Route, caller: CallerName, expected: Expectation): Promise<void> {
    const what = `${routeName(route)} by ${caller}: ${callers[caller]}`;
    const isForAdmins = adminRoleOf(route.access) !== undefined;
    const target = await targetOf(routeName(route));
    const headers = await who.headersOf(caller, isForAdmins ? 'admin' : 'owner');
    await until('no event is on its way', async () => (await shop.database.value(EVENTS)) === 0);
    const before = await databaseSnapshot(shop.database);
    const keys = await watchRedis(shop.redis);
    const reply = await send(route, target, headers);
    expect(reply.status, `${what}: ${reply.text}`).to.equal(expected.status);
    if (expected.status < 400) {
      expect(Object.keys(route.replies), what).to.include(String(reply.status));
      const { couponId } = target.path;
      if (route.path === '/coupons/:couponId/issue') {
        // The shop counts a claim in Redis after the response. The next cell compares Redis before and after.
        await until('the claim is counted in Redis', async () => {
          const left = `coupon:{${couponId}}:left:1`;
          return (await shop.redis.client.exists(left, `coupon:{${couponId}}:claims`)) === 2;
        });
      }
      if (STRANGERS.has(caller) && !isForAdmins && route.path !== '/auth/login') {
        for (const id of await idsOfOwner(shop, who.accounts.owner)) {
          expect(reply.text, what).not.to.include(id);
        }
      }
      return;
    }
    const contentType = reply.headers.get('content-type');
    const code = surface.expectProblem({ status: reply.status, text: reply.text, contentType }, route);
    expectCode(code, caller, what);
    expect(reply.headers.has('set-cookie'), what).to.equal(false);
    await expectUntouched(shop.database, before, what);
    // A request with a session that is too old removes the session.
    const changed = (await keys.changes()).filter((key) => caller !== 'old' || !key.startsWith('session:'));
    expect(changed, `${what}: traces in Redis`).to.deep.equal([]);
    if (Object.keys(target.path).length > 0 && !expected.tellsOfIt) {
      const unknown = { ...target, path: { ...target.path, ...unknownIds(target.path) } };
      const other = await send(route, unknown, headers);
      expect(shownBy(other), `${what}, as for an unknown id`).to.deep.equal(shownBy(reply));
    }
  }

  function expectCode(code: keyof typeof problemTable, caller: CallerName, what: string): void {
    const { status } = problemTable[code];
    if (status === 401) expect(code, what).to.equal('unauthenticated');
    else if (status === 404) expect(code, what).to.match(/_not_found$/);
    // Past the door: only a shop of ./scripts/up has such sales.
    else if (status === 409) expect(code, what).to.equal('demo_sale_unavailable');
    else expect(code, what).to.equal(/^(site|bare)$/.test(caller) ? 'origin_not_allowed' : 'forbidden');
  }

  function send(
    route: Route,
    { path, body }: AuthorisationTarget,
    headers: Readonly<Record<string, string>>,
  ): Promise<RawReply> {
    return sendToRoute(app, undefined, {
      route,
      target: route.path.replaceAll(/:([A-Za-z]+)/g, (_, name: string) => path[name] ?? name),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headers,
    });
  }
});

function unknownIds(path: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.keys(path).map((name) => [name, newUuid()]));
}

/** Returns what a caller sees of an answer, without the parts that differ between requests. */
function shownBy({ status, headers, text }: RawReply) {
  const { instance: _, traceId: __, ...body } = JSON.parse(text) as Record<string, unknown>;
  const named = [...headers].filter(([name]) => !/^(date|x-request-id)$/.test(name));
  return { status, body, headers: Object.fromEntries(named) };
}
