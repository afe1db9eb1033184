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
    'a problem with members of its own': problemReply('out_of_stock', 409, outOfStock),
    'a 503 with Retry-After': problemReply('busy_retry', 503, busy),
    'an address in capitals and with a slash at its end': { ...balance, target: '/ME/Balance/?' },
    'no route': problemReply('not_found', 404, { target: '/nowhere' }),
    'no method': problemReply('method_not_allowed', 405, {
      target: '/me/balance',
      headers: [['Allow', 'GET']],
    }),
    'what the server could not read': problemReply('request_header_fields_too_large', 431, {
      target: '/me',
      body: { instance: '' },
    }),
    'HEAD, without a body': { ...balance, method: 'HEAD', text: '' },
  };
  for (const [what, reply] of Object.entries(kept)) {
    it(`is kept: ${what}`, () => {
      expect(contract.faults(reply)).to.deep.equal([]);
    });
  }

  const broken: Readonly<Record<string, readonly [reply: ObservedReply, fault: RegExp]>> = {
    'an undocumented status': [{ ...balance, status: 202 }, /status 202 is not documented/],
    'a property too many': [
      { ...balance, text: '{"balance":5,"balanceSeq":1,"password":"x"}' },
      /must NOT have additional properties.*password/,
    ],
    'a property too few': [{ ...balance, text: '{"balance":5}' }, /required property 'balanceSeq'/],
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
    'a Retry-After of no seconds': [
      problemReply('busy_retry', 503, { headers: [['Retry-After', '0']] }),
      /Retry-After: 0/,
    ],
    'a code of another route': [
      problemReply('email_taken', 409),
      /the code email_taken is not documented here/,
    ],
    'a code of no table': [problemReply('oops', 409), /the code oops is in no table/],
    'a code with another status': [
      problemReply('out_of_stock', 400, outOfStock),
      /out_of_stock with status 400/,
    ],
    'a member that no problem has': [
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
    'an answer where there is no route': [{ ...balance, target: '/secret' }, /where there is no route/],
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
    it(`is broken: ${what}`, () => {
      expect(contract.faults(reply).join('; ')).to.match(fault);
    });
  }
});
