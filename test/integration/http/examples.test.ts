import { expect } from 'chai';
import { exampleIds, exampleValues } from '../../../app/http/contract/example-values.ts';
import { apiDocument } from '../../support/http/api-document.ts';
import { adminClient } from '../../support/shop/admin-client.ts';
import type { HttpClient } from '../../support/shop/http-client.ts';
import { newDeadLetter } from '../../support/shop/new-dead-letter.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

/** Not part of the story: its examples are of things that this shop does not have. */
const ELSEWHERE = [
  'completeImage',
  'startDemoSale',
  'stopDemoSale',
  'readOpenApiDocument',
  'readDocumentation',
  'redirectToDocumentation',
];

/** Counts by the code of what has happened. */
const COUNTS = /(lastMinute|buckets\[\])\.orders$/;

/** Examples by operation id, with method and path. */
const operations = new Map(
  Object.entries(apiDocument().paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [
      operation.operationId,
      { path, method, operation },
    ]),
  ),
);

describe('the examples in the OpenAPI document', () => {
  const shop = useTestShop();

  it('are requests that the app accepts, and responses with the members that it sends', async () => {
    const app = await shop.start(['api', 'worker', 'data-platform']);
    const visitor = shop.client(app);
    const admin = await adminClient(shop, app);
    /** Ids in the examples, replaced by those of this shop once it has them. */
    const known = new Map<string, string>();
    const learn = (name: keyof typeof exampleIds, id: string) => known.set(exampleIds[name], id);
    const done: string[] = [];
    const step = async (id: string, as: HttpClient) => {
      done.push(id);
      return sendExample(id, as, known);
    };

    for (const id of ['checkLiveness', 'checkReadiness', 'readStatus']) await step(id, visitor);
    learn('productId', (await step('createProduct', admin)).id);
    for (const id of ['replaceProduct', 'adjustStock']) await step(id, admin);
    learn('imageId', (await step('announceImage', admin)).imageId);
    await step('readImage', admin);
    learn('couponId', (await step('createCoupon', admin)).id);

    learn('customerId', (await step('signUp', visitor)).id);
    const customer = visitor.withToken((await step('logIn', visitor)).token);
    for (const id of ['readAccount', 'chargeBalance', 'listCoupons']) await step(id, customer);
    learn('userCouponId', (await step('claimCoupon', customer)).id);
    for (const id of ['addCartItem', 'setCartItem', 'readCart', 'removeCartItem', 'emptyCart'])
      await step(id, customer);
    learn('orderId', (await step('placeOrder', customer)).id);
    for (const id of ['listOrders', 'readOrder', 'readBalance', 'listBalanceEntries', 'listOwnCoupons'])
      await step(id, customer);
    for (const id of ['listProducts', 'readProduct']) await step(id, visitor);
    known.set(exampleIds.letterId, await newDeadLetter(shop.aws));
    for (const id of ['listStockEntries', 'listDeadLetters', 'redriveDeadLetter']) await step(id, admin);
    await until('the order is counted', async () => {
      const trace = await admin.get(`/admin/orders/${known.get(exampleIds.orderId)}`);
      return trace.body.events.every(({ state }: { state: string }) => state === 'counted');
    });
    await step('listPopularProducts', visitor);

    const invitation = (await step('inviteOperator', admin)).token;
    await step('listOperators', admin);
    known.set(String(exampleValues['token']), invitation);
    learn('operatorId', (await step('acceptInvitation', visitor)).id);
    for (const id of ['traceOrder', 'listAllOrders', 'listCustomers', 'readCustomer', 'listCustomerEntries'])
      await step(id, admin);
    for (const id of ['listCustomerCoupons', 'adjustBalance', 'replaceOperator', 'listAllProducts'])
      await step(id, admin);
    for (const id of ['readAnyProduct', 'listAllCoupons', 'readCoupon', 'replaceCoupon'])
      await step(id, admin);
    for (const id of [
      'stopCoupon',
      'listAdminActions',
      'listEvents',
      'redriveEvents',
      'readAudit',
      'readOverview',
    ])
      await step(id, admin);
    for (const id of ['readDemoSale', 'removeImage']) await step(id, admin);
    for (const id of ['cancelOrder', 'logOut']) await step(id, customer);

    const again = visitor.withToken((await step('logIn', visitor)).token);
    const line = { productId: known.get(exampleIds.productId) ?? '', quantity: 1 };
    learn('orderId', (await again.postOrder([line])).body.id);
    await step('cancelOrderForCustomer', admin);
    await step('logOutEverywhere', again);

    expect([...new Set([...done, ...ELSEWHERE])]).to.have.members([...operations.keys()]);
  });
});

/** Sends an operation's example and returns the body of the response, which must look like its example. */
async function sendExample(
  id: string,
  as: HttpClient,
  known: ReadonlyMap<string, string>,
  // oxlint-disable-next-line typescript/no-explicit-any -- each step knows its body
): Promise<any> {
  const { path, method, operation } = operations.get(id) ?? expect.fail(`no operation ${id}`);
  const { parameters = [], requestBody, responses } = operation;
  const real = (value: unknown): string =>
    [...known].reduce((text, [example, own]) => text.replaceAll(example, own), JSON.stringify(value));
  const header = Object.fromEntries(
    parameters.filter((one) => one.in === 'header').map(({ name, example }) => [name, String(example)]),
  );
  const target = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const { example } = parameters.find((one) => one.name === name) ?? expect.fail(`${id} without ${name}`);
    return JSON.parse(real(example)) as string;
  });
  const body = requestBody?.content['application/json'].example;
  const reply = await as.request(method.toUpperCase(), target, {
    ...(body === undefined ? {} : { body: JSON.parse(real(body)) as unknown }),
    headers: header,
  });
  const [status = '', response] = Object.entries(responses)[0] ?? [];
  expect(reply.status, `${id}: ${reply.text}`).to.equal(Number(status));
  const example = response?.content?.['application/json']?.example;
  if (example !== undefined) expect(differences(example, reply.body), id).to.deep.equal([]);
  return reply.body;
}

/** Members that only one of them has, as paths. Null and an empty list may stand for anything. */
function differences(example: unknown, reply: unknown, at = ''): string[] {
  if (Array.isArray(example) && Array.isArray(reply)) {
    const [one, other] = [example[0], reply[0]];
    return one === undefined || other === undefined ? [] : differences(one, other, `${at}[]`);
  }
  if (!isObject(example) || !isObject(reply) || COUNTS.test(at)) return [];
  return [...new Set([...Object.keys(example), ...Object.keys(reply)])].flatMap((name) =>
    name in example && name in reply
      ? differences(example[name], reply[name], `${at}.${name}`)
      : [`${at}.${name} is only in the ${name in example ? 'example' : 'response'}`],
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
