import { expect } from 'chai';
import { nameSchemas } from '../../app/http/contract/name-schemas.ts';

/** A document with one operation per response schema. */
function documentOf(...schemas: object[]): Readonly<Record<string, unknown>> {
  const operations = schemas.map((schema, at) => [
    `/things/${at}`,
    { get: { operationId: `readThing${'ABC'[at]}`, responses: { 200: { content: json(schema) } } } },
  ]);
  return { paths: Object.fromEntries(operations), components: { schemas: { Problem: { type: 'object' } } } };
}

const json = (schema: object) => ({ 'application/json': { schema } });
const thing = { title: 'Thing', type: 'object', properties: { id: { type: 'string' } } };

describe('names of schemas', () => {
  it('come from titles at any depth, once for equal schemas, and else from the operation', () => {
    const named = nameSchemas(documentOf({ type: 'array', items: thing }, thing));
    expect(named['components']).to.deep.equal({
      schemas: {
        Problem: { type: 'object' },
        ReadThingAResponse: { type: 'array', items: { $ref: '#/components/schemas/Thing' } },
        Thing: thing,
      },
    });
    expect(named).to.have.nested.property(
      'paths./things/1.get.responses.200.content.application/json.schema.$ref',
      '#/components/schemas/Thing',
    );
  });

  it('are refused to two different schemas', () => {
    const other = { ...thing, properties: {} };
    expect(() => nameSchemas(documentOf(thing, other))).to.throw('two schemas are called Thing');
  });
});
