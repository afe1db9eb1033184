import * as fc from 'fast-check';
import type { RequestSchema } from '../support/http/request-schema.ts';

const NUMBER_MAX = 1_000_000_000;
const TEXT_MAX = 40;
const LINES_MAX = 4;

/** Generates values of usual size that a schema allows; half of the UUIDs come from `ids`. */
export function schemaArbitrary(schema: RequestSchema, ids: readonly string[]): fc.Arbitrary<unknown> {
  const inside = (inner: RequestSchema) => schemaArbitrary(inner, ids);
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(inside));
  switch (schema.type) {
    case 'object':
      return objectArbitrary(schema, inside);
    case 'array': {
      const { items = {}, minItems = 0, maxItems = LINES_MAX } = schema;
      return fc.array(inside(items), { minLength: minItems, maxLength: Math.min(maxItems, LINES_MAX) });
    }
    case 'integer': {
      const { minimum = -NUMBER_MAX, maximum = NUMBER_MAX } = schema;
      return fc.integer({ min: Math.max(minimum, -NUMBER_MAX), max: Math.min(maximum, NUMBER_MAX) });
    }
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'string':
      return textArbitrary(schema, ids);
    default:
      return fc.jsonValue();
  }
}

function objectArbitrary(
  { properties = {}, required = [], oneOf }: RequestSchema,
  inside: (schema: RequestSchema) => fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown> {
  const choices = oneOf?.map((choice) => choice.required) ?? [[]];
  return fc.oneof(
    ...choices.map((chosen) => {
      const others = new Set(choices.flat().filter((name) => !chosen.includes(name)));
      const fields = Object.entries(properties).filter(([name]) => !others.has(name));
      return fc.record(Object.fromEntries(fields.map(([name, field]) => [name, inside(field)])), {
        requiredKeys: [...required, ...chosen],
        noNullPrototype: true,
      });
    }),
  );
}

function textArbitrary(schema: RequestSchema, ids: readonly string[]): fc.Arbitrary<string> {
  const { format, pattern, minLength = 0, maxLength = TEXT_MAX } = schema;
  if (format === 'uuid') return fc.oneof(fc.constantFrom(...ids), fc.uuid());
  if (format === 'email') return fc.emailAddress();
  if (format === 'date-time') {
    return fc
      .date({ min: new Date('2021-01-01'), max: new Date('2098-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString());
  }
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern, 'u'), { size: 'small' });
  return fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, TEXT_MAX)) });
}
