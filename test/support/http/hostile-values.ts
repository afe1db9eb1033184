import type { RequestSchema } from './request-schema.ts';

/**
 * Values that a client can send where the API expects others. They are JSON texts, because some have no
 * JavaScript value.
 */
export interface HostileJson {
  readonly what: string;
  readonly json: string;
}

const KINDS: readonly (HostileJson & { readonly kind: string })[] = [
  { kind: 'object', what: 'an object', json: '{}' },
  { kind: 'object', what: 'an operator object', json: '{"$gt":""}' },
  { kind: 'object', what: 'an object that pretends to be a string', json: '{"length":3,"toString":null}' },
  { kind: 'array', what: 'an array', json: '[]' },
  { kind: 'array', what: 'an array of text', json: '["x"]' },
  { kind: 'boolean', what: 'true', json: 'true' },
  { kind: 'boolean', what: 'false', json: 'false' },
  { kind: 'null', what: 'null', json: 'null' },
  { kind: 'integer', what: 'zero', json: '0' },
  { kind: 'integer', what: 'a number', json: '5' },
  { kind: 'string', what: 'empty text', json: '""' },
  { kind: 'string', what: 'text', json: '"x"' },
  { kind: 'string', what: 'a number as text', json: '"5"' },
  { kind: 'string', what: 'NaN as text', json: '"NaN"' },
];

const NUMBERS: readonly HostileJson[] = [
  { what: 'a fraction', json: '1.5' },
  { what: 'nearly a whole number', json: '1.0000000001' },
  { what: 'an epsilon', json: '5e-324' },
  { what: '2^53', json: '9007199254740992' },
  { what: '-2^53', json: '-9007199254740992' },
  { what: '2^63', json: '9223372036854775808' },
  { what: '-2^63 - 1', json: '-9223372036854775809' },
  { what: '2^64', json: '18446744073709551616' },
  { what: '1e308', json: '1e308' },
  { what: '-1e308', json: '-1e308' },
  { what: 'more than a double holds', json: '1e400' },
  { what: 'less than a double holds', json: '-1e400' },
  { what: 'a thousand digits', json: '9'.repeat(1000) },
];

/** Long enough for every minimum, so that the character is the reason for the refusal. */
const TEXTS: readonly HostileJson[] = [
  { what: 'a high surrogate alone', json: String.raw`"abcdefgh\ud800"` },
  { what: 'a low surrogate first', json: String.raw`"\udc00abcdefgh"` },
  { what: 'NUL', json: String.raw`"abcdefgh\u0000"` },
  { what: 'a bell', json: String.raw`"abcdefgh\u0007"` },
  { what: 'an escape sequence', json: String.raw`"abcdefgh\u001b[31m"` },
  { what: 'DEL', json: String.raw`"abcdefgh\u007f"` },
  { what: 'a C1 control', json: String.raw`"abcdefgh\u0085"` },
];

const FORMATTED: readonly HostileJson[] = [
  { what: 'a path', json: '"../../etc/passwd"' },
  { what: 'SQL', json: `"' OR 1=1 -- "` },
  { what: 'the name of a prototype', json: '"__proto__"' },
  { what: 'the name of a constructor', json: '"constructor"' },
  { what: 'a UUID in braces', json: '"{01a1fc47-2012-7291-ad54-bb79fa9e7941}"' },
  { what: 'a UUID with a letter of another script', json: '"01а1fc47-2012-7291-ad54-bb79fa9e7941"' },
  { what: 'a UUID and a line feed', json: String.raw`"01a1fc47-2012-7291-ad54-bb79fa9e7941\n"` },
  { what: 'digits of another script', json: '"٣"' },
];

/** Unknown members, to be added to any object. */
export const unknownMembers: readonly HostileJson[] = [
  { what: 'an unknown field', json: '"unexpected":1' },
  { what: 'a role', json: '"role":"admin"' },
  { what: '__proto__', json: '"__proto__":{"role":"admin"}' },
  { what: 'constructor', json: '"constructor":{"prototype":{"role":"admin"}}' },
  { what: 'toString', json: '"toString":null' },
  { what: 'an empty name', json: '"":1' },
];

/** Every hostile value; each is invalid for some field. */
export const hostileJsonValues: readonly HostileJson[] = [...KINDS, ...NUMBERS, ...TEXTS, ...FORMATTED];

const typesOf = ({ type, anyOf = [], enum: values }: RequestSchema): string[] => [
  ...(type === undefined ? [] : [type]),
  ...(values === undefined ? [] : ['string']),
  ...anyOf.flatMap(typesOf),
];

/**
 * Variants of `sample`, a body that the schema accepts, with one fault each: a field of another type, out of
 * its bounds or missing; an object with an extra field.
 */
export function hostileBodies(schema: object, sample: unknown): HostileJson[] {
  return hostileAt(schema, sample, 'the body');
}

function hostileAt(schema: RequestSchema, sample: unknown, place: string): HostileJson[] {
  const here = [...wrongKinds(schema), ...outOfBounds(schema, sample)].map(({ what, json }) => ({
    what: `${place} is ${what}`,
    json,
  }));
  if (schema.type === 'object') return [...here, ...hostileFields(schema, sample as Fields, place)];
  if (schema.type === 'array' && schema.items !== undefined) {
    const [first, ...rest] = sample as unknown[];
    const inside = hostileAt(schema.items, first, `${place}[0]`);
    return [
      ...here,
      ...inside.map(({ what, json }) => ({ what, json: `[${[json, ...rest.map(text)].join()}]` })),
    ];
  }
  return here;
}

type Fields = Readonly<Record<string, unknown>>;

const text = (value: unknown): string => JSON.stringify(value);

function objectText(fields: readonly (readonly [name: string, json: string])[]): string {
  return `{${fields.map(([name, json]) => `${text(name)}:${json}`).join()}}`;
}

function hostileFields(schema: RequestSchema, sample: Fields, place: string): HostileJson[] {
  const entries = Object.entries(sample).map(([name, value]) => [name, text(value)] as const);
  const wrong = Object.entries(schema.properties ?? {}).flatMap(([name, field]) =>
    hostileAt(field, sample[name], `${place}.${name}`).map(({ what, json }) => ({
      what,
      json: objectText([...entries.filter(([other]) => other !== name), [name, json]]),
    })),
  );
  const missing = (schema.required ?? []).map((name) => ({
    what: `${place} has no ${name}`,
    json: objectText(entries.filter(([other]) => other !== name)),
  }));
  const isKnown = (json: string) =>
    Object.keys(schema.properties ?? {}).some((name) => json.startsWith(`${text(name)}:`));
  const unknown = unknownMembers
    .filter(({ json }) => !isKnown(json))
    .map(({ what, json }) => ({
      what: `${place} has ${what}`,
      json: objectText(entries).replace(/^\{/, `{${json}${entries.length === 0 ? '' : ','}`),
    }));
  return [...wrong, ...missing, ...unknown];
}

function wrongKinds(schema: RequestSchema): HostileJson[] {
  const types = typesOf(schema);
  // Text in a text field is not a wrong type. A body that may be any object is hostile only in its fields.
  return KINDS.filter(
    ({ kind, json }) => !types.includes(kind) && !(types.includes('object') && json === '{}'),
  );
}

function outOfBounds(schema: RequestSchema, sample: unknown): HostileJson[] {
  const types = typesOf(schema);
  const found: HostileJson[] = [];
  if (types.includes('integer')) {
    found.push(...NUMBERS);
    const bounded = [schema, ...(schema.anyOf ?? [])];
    for (const { minimum, maximum } of bounded) {
      if (minimum !== undefined) found.push({ what: 'one less than the least', json: String(minimum - 1) });
      if (maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER)
        found.push({ what: 'one more than the most', json: String(maximum + 1) });
    }
  }
  if (types.includes('string')) {
    found.push(...TEXTS);
    const { minLength = 0, maxLength } = schema;
    if (minLength > 0) found.push({ what: 'too short', json: text('a'.repeat(minLength - 1)) });
    if (maxLength !== undefined) found.push({ what: 'too long', json: text('a'.repeat(maxLength + 1)) });
    if (maxLength === undefined || schema.enum !== undefined || schema.format !== undefined)
      found.push(...FORMATTED);
  }
  if (schema.type === 'array') {
    const [item] = sample as unknown[];
    const { minItems = 0, maxItems } = schema;
    if (minItems > 0) found.push({ what: 'empty', json: '[]' });
    if (maxItems !== undefined)
      found.push({ what: 'too many', json: text(Array.from({ length: maxItems + 1 }, () => item)) });
    found.push({ what: '10,000 lines', json: text(Array.from({ length: 10_000 }, () => item)) });
  }
  return found;
}

/** Whole bodies that are not JSON objects, for any route. Bytes, because some are not text. */
export const hostileWholeBodies: readonly { readonly what: string; readonly bytes: Buffer }[] = [
  ['nothing at all', ''],
  ['null', 'null'],
  ['true', 'true'],
  ['a number', '0'],
  ['text', '"text"'],
  ['an array', '[]'],
  ['an array with an object', '[{}]'],
  ['half an object', '{"a":'],
  ['single quotes', "{'a':1}"],
  ['a comma too many', '{"a":1,}'],
  ['a comment', '{/**/}'],
  ['NaN', '{"a":NaN}'],
  ['Infinity', '{"a":-Infinity}'],
  ['hexadecimal', '{"a":0x10}'],
  ['two objects', '{}{}'],
  ['a byte order mark', '\ufeff{}'],
  ['a raw line feed in text', '{"a":"\n"}'],
  ['a form', 'a=1&b=2'],
  ['XML', '<a/>'],
  ['100,000 open brackets', '['.repeat(100_000)],
  ['30,000 nested arrays', `${'['.repeat(30_000)}${']'.repeat(30_000)}`],
  ['5,000 nested objects', `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`],
  ['1 MB of text', JSON.stringify('a'.repeat(1_000_000))],
  ['1 MB of blanks', ' '.repeat(1_000_000)],
  ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
  ['an overlong encoding', Buffer.from([0x7b, 0x22, 0xc0, 0x80, 0x22, 0x3a, 0x31, 0x7d])],
  ['a surrogate in UTF-8', Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d])],
  ['UTF-16', Buffer.from('{"a":1}', 'utf16le')],
  ['zeros', Buffer.alloc(100)],
].map(([what, body]) => ({ what: what as string, bytes: Buffer.from(body as string) }));

/** Values for an id or another path parameter, percent-encoded as sent. */
export const hostilePathSegments: readonly string[] = [
  'x',
  '0',
  '-1',
  '1e308',
  'null',
  'undefined',
  '__proto__',
  'constructor',
  '%00',
  '%0a',
  '%ff',
  '%c0%80',
  '%ed%a0%80',
  '%',
  '%zz',
  '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  '%27%20OR%201%3D1%20--%20',
  'urn:uuid:01A1FC47-2012-7291-AD54-BB79FA9E7941',
  '01a1fc47-2012-7291-ad54-bb79fa9e7941%0a',
  '%7b01a1fc47-2012-7291-ad54-bb79fa9e7941%7d',
  '01a1fc4720127291ad54bb79fa9e7941',
  'a'.repeat(5000),
];

/** Values for any query parameter. */
export const hostileQueryValues: readonly string[] = [
  '',
  '%20',
  '%00',
  '%ff',
  '%ed%a0%80',
  '%',
  '-1',
  '+1',
  '1.5',
  '01',
  '1e3',
  '0x10',
  'NaN',
  'Infinity',
  'true',
  '9007199254740993',
  '99999999999999999999999',
  '%EF%BC%91',
  '__proto__',
  '[]',
  '%7B%7D',
  '9'.repeat(2000),
  // A cursor of our format with meaningless content.
  Buffer.from('[null]').toString('base64url'),
  Buffer.from('[{"a":1}]').toString('base64url'),
  Buffer.from('["\u0000"]').toString('base64url'),
  Buffer.from('[1e308]').toString('base64url'),
  Buffer.from('[1,2]').toString('base64url'),
  Buffer.from('{"__proto__":1}').toString('base64url'),
];

/** Whole query strings that every route rejects. */
export const hostileQueries: readonly string[] = [
  'unexpected=1',
  '__proto__=1',
  '__proto__[admin]=1',
  'constructor=1',
  'constructor[prototype][admin]=1',
  'toString=1',
  '=1',
  'a[]=1',
  'a[b]=1',
  '%00=1',
  '%ff=1',
  Array.from({ length: 1500 }, (_, index) => `a${index}=1`).join('&'),
  // Behind more pairs than Node's parser reads by default.
  `${'&'.repeat(1000)}unexpected=1`,
];
