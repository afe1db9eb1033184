import { expect } from 'chai';
import { apiDocument } from '../support/http/api-document.ts';
import { type ObservedReply, type ReplyContract, replyContract } from '../support/http/reply-contract.ts';

const REQUEST_ID = '0192f0c1-7a5b-7c31-8f00-1c2d3e4f5a6b';
const ID = '01a1fc47-2012-7291-ad54-bb79fa9e7941';

const balance: ObservedReply = {
  method: 'GET',
  target: '/me/balance',
  status: 200,
  headers: [
    ['Content-Type', 'application/json; charset=utf-8'],
    ['X-Request-Id', REQUEST_ID],
  ],
  text: JSON.stringify({ balance: 5, balanceSeq: 1 }),
};

const problemHeaders = [
  ['Content-Type', 'application/problem+json; charset=utf-8'],
  ['X-Request-Id', REQUEST_ID],
] as const;

function problemReply(
  code: string,
  status: number,
  { headers = [], body = {}, ...request }: Partial<ObservedReply> & { readonly body?: object } = {},
): ObservedReply {
  return {
    method: 'POST',
    target: '/orders',
    ...request,
    status,
    headers: [...problemHeaders, ...headers],
    text: JSON.stringify({
      type: `urn:rowlock:problem:${code}`,
      title: 'A title.',
      status,
      instance: '/orders',
      code,
      traceId: REQUEST_ID,
      ...body,
    }),
  };
}

const outOfStock = { body: { productId: ID, requested: 3, available: 2 } };
const busy = { headers: [['Retry-After', '2']] } as const;

describe('the contract of replies', () => {
  let contract: ReplyContract;

  before(() => {
    contract = replyContract(apiDocument());
  });

  const kept: Readonly<Record<string, ObservedReply>> = {
    'a documented body': balance,
    'a problem with additional members': problemReply('out_of_stock', 409, outOfStock),
    'a 503 with Retry-After': problemReply('busy_retry', 503, busy),
    'a path in capitals with a trailing slash': { ...balance, target: '/ME/Balance/?' },
    'an unknown route': problemReply('not_found', 404, { target: '/nowhere' }),
    'an unsupported method': problemReply('method_not_allowed', 405, {
      target: '/me/balance',
      headers: [['Allow', 'GET']],
    }),
    'a request that the server could not parse': problemReply('request_header_fields_too_large', 431, {
      target: '/me',
      body: { instance: '' },
    }),
    'HEAD, without a body': { ...balance, method: 'HEAD', text: '' },
  };
  for (const [what, reply] of Object.entries(kept)) {
    it(`accepts ${what}`, () => {
      expect(contract.faults(reply)).to.deep.equal([]);
    });
  }

  const broken: Readonly<Record<string, readonly [reply: ObservedReply, fault: RegExp]>> = {
    'an undocumented status': [{ ...balance, status: 202 }, /status 202 is not documented/],
    'an additional property': [
      { ...balance, text: '{"balance":5,"balanceSeq":1,"password":"x"}' },
      /must NOT have additional properties.*password/,
    ],
    'a missing property': [{ ...balance, text: '{"balance":5}' }, /required property 'balanceSeq'/],
    'a property of another type': [
      { ...balance, text: '{"balance":"5","balanceSeq":1}' },
      /body\/balance must be integer/,
    ],
    'a body that is not JSON': [{ ...balance, text: '{' }, /not JSON/],
    'another content type': [
      {
        ...balance,
        headers: [
          ['Content-Type', 'text/html'],
          ['X-Request-Id', REQUEST_ID],
        ],
      },
      /content type text\/html/,
    ],
    'a body where none belongs': [
      { ...balance, method: 'POST', target: '/auth/logout', status: 204 },
      /a body where none is documented/,
    ],
    'an undocumented header': [
      { ...balance, headers: [...balance.headers, ['X-Powered-By', 'Express']] },
      /the header x-powered-by is not documented/,
    ],
    'no X-Request-Id': [
      { ...balance, headers: [['Content-Type', 'application/json']] },
      /the header x-request-id is missing/,
    ],
    'a 503 without Retry-After': [problemReply('busy_retry', 503), /the header retry-after is missing/],
    'a Retry-After of 0': [
      problemReply('busy_retry', 503, { headers: [['Retry-After', '0']] }),
      /Retry-After: 0/,
    ],
    'a code of another route': [
      problemReply('email_taken', 409),
      /the code email_taken is not documented here/,
    ],
    'an unknown code': [problemReply('oops', 409), /the code oops is in no table/],
    'a code with another status': [
      problemReply('out_of_stock', 400, outOfStock),
      /out_of_stock with status 400/,
    ],
    'an unknown member of a problem': [
      problemReply('out_of_stock', 409, { body: { stack: 'at placeOrders' } }),
      /additional properties.*stack/,
    ],
    'a member of another problem': [
      problemReply('out_of_stock', 409, { body: { ...outOfStock.body, balance: 5 } }),
      /the member balance is documented for other codes than out_of_stock/,
    ],
    'a problem without traceId': [
      problemReply('out_of_stock', 409, { body: { traceId: undefined } }),
      /required property 'traceId'/,
    ],
    'a traceId of another request': [
      problemReply('out_of_stock', 409, { body: { traceId: ID } }),
      /traceId and X-Request-Id differ/,
    ],
    'a response of an unknown route': [{ ...balance, target: '/secret' }, /where there is no route/],
    'a 405 without Allow': [
      problemReply('method_not_allowed', 405, { target: '/me/balance' }),
      /no Allow header/,
    ],
    'a 500 as an unreadable request': [
      problemReply('internal_error', 500, { body: { instance: '' } }),
      /internal_error is not documented here/,
    ],
  };
  for (const [what, [reply, fault]] of Object.entries(broken)) {
    it(`rejects ${what}`, () => {
      expect(contract.faults(reply).join('; ')).to.match(fault);
    });
  }
});
