import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  compareContracts,
  type ContractDocument,
  contractLines,
} from '../../scripts/contract/contract-lines.ts';
import { openApiOfRelease } from '../../scripts/contract/openapi-of-release.ts';

const released = join(import.meta.dirname, '../../docs/api/released.txt');

/** One operation, with what the test changes. */
function documentOf(change: { body?: object; answer?: object; codes?: string[]; id?: string } = {}) {
  const body = change.body ?? { properties: { name: { type: 'string' } }, required: ['name'] };
  const answer = change.answer ?? {
    properties: { lines: { type: 'array', items: { properties: { kind: { enum: ['A', 'B'] } } } } },
  };
  const operation = {
    operationId: change.id ?? 'createThing',
    requestBody: { content: { 'application/json': { schema: body } } },
    responses: {
      201: { content: { 'application/json': { schema: answer } } },
      409: { 'x-problem-codes': change.codes ?? ['out_of_stock'] },
    },
  };
  return { paths: { '/things': { post: operation } } } as unknown as ContractDocument;
}

function answerOf(kind: object) {
  return { properties: { lines: { type: 'array', items: { properties: { kind } } } } };
}

describe('the contract with clients', () => {
  it('has lost nothing since the last release', () => {
    const lines = contractLines(openApiOfRelease() as unknown as ContractDocument);
    const { broken } = compareContracts(readFileSync(released, 'utf8').trim().split('\n'), lines);
    expect(broken).to.deep.equal([]);
    expect(lines).to.include('POST /orders = placeOrder').and.include('POST /orders ! 409 out_of_stock');
  });

  it('names every field at any depth, with its type', () => {
    expect(contractLines(documentOf())).to.deep.equal([
      'POST /things ! 409 out_of_stock',
      'POST /things < 201',
      'POST /things < 201.lines: array',
      'POST /things < 201.lines[].kind: A|B',
      'POST /things = createThing',
      'POST /things > body.name: string',
      'POST /things > body.name: string required',
    ]);
  });

  const changes: readonly [string, Parameters<typeof documentOf>[0], readonly string[]][] = [
    ['a problem code is gone', { codes: ['sold_out'] }, ['POST /things ! 409 out_of_stock']],
    ['the id of an operation changes', { id: 'makeThing' }, ['POST /things = createThing']],
    [
      'a response field is gone',
      { answer: { properties: {} } },
      ['POST /things < 201.lines: array', 'POST /things < 201.lines[].kind: A|B'],
    ],
    [
      'a request field has another type',
      { body: { properties: { name: { type: 'integer' } }, required: ['name'] } },
      ['POST /things > body.name: string', 'POST /things > body.name: integer required'],
    ],
    ['a list of values has another one', { answer: answerOf({ enum: ['A', 'B', 'C'] }) }, []],
    [
      'a value of a list is gone',
      { answer: answerOf({ enum: ['A', 'C'] }) },
      ['POST /things < 201.lines[].kind: A|B'],
    ],
    [
      'a value may be null',
      { answer: answerOf({ enum: ['A', 'B', null] }) },
      ['POST /things < 201.lines[].kind: A|B'],
    ],
    ['a field is no longer required', { body: { properties: { name: { type: 'string' } } } }, []],
    [
      'an optional field is new',
      { body: { properties: { name: { type: 'string' }, size: { type: 'integer' } }, required: ['name'] } },
      [],
    ],
  ];
  for (const [what, change, broken] of changes)
    it(`${broken.length > 0 ? 'is broken' : 'holds'} if ${what}`, () => {
      const before = contractLines(documentOf());
      expect(compareContracts(before, contractLines(documentOf(change))).broken).to.deep.equal(broken);
    });

  it('is broken if a known field becomes required, or a required one is new', () => {
    const free = contractLines(documentOf({ body: { properties: { name: { type: 'string' } } } }));
    const bound = contractLines(documentOf());
    expect(compareContracts(free, bound).broken).to.deep.equal(['POST /things > body.name: string required']);
    const more = { properties: { name: { type: 'string' }, size: { type: 'integer' } }, required: ['size'] };
    expect(compareContracts(free, contractLines(documentOf({ body: more }))).broken).to.deep.equal([
      'POST /things > body.size: integer required',
    ]);
  });
});
