type Json = Readonly<Record<string, unknown>>;

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Json }>> };
  readonly responses: Readonly<
    Record<
      string,
      {
        readonly content?: Readonly<Record<string, { readonly schema: Json }>>;
        readonly 'x-problem-codes'?: readonly string[];
      }
    >
  >;
}

export interface ContractDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/**
 * What clients hold on to, a line each, sorted: operations with their ids, request fields that may be sent
 * (`>`), response fields (`<`) and problem codes (`!`). A line that vanishes breaks a client, so required and
 * optional are not part of a request field's line, but a field that becomes required is a line of its own.
 */
export function contractLines(document: ContractDocument): string[] {
  const lines = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) => {
      const name = `${method.toUpperCase()} ${path}`;
      return [`${name} = ${operation.operationId}`, ...partsOf(operation).map((part) => `${name} ${part}`)];
    }),
  );
  return [...new Set(lines)].toSorted();
}

/** Lines that break a client: what is gone, and duties that a known operation did not have. */
export function compareContracts(before: readonly string[], now: readonly string[]) {
  const [old, fresh] = [new Set(before), new Set(now)];
  const isDuty = (line: string) => line.endsWith(' required');
  const knownOperations = new Set(before.map(operationOf));
  return {
    broken: [
      ...before.filter((line) => !fresh.has(line) && !isDuty(line) && !isWidened(line, now)),
      ...now.filter((line) => !old.has(line) && isDuty(line) && knownOperations.has(operationOf(line))),
    ],
    added: now.filter((line) => !old.has(line)),
  };
}

/** What `typeOf` says of values that have no list. */
const TYPES = new Set(['string', 'integer', 'number', 'boolean', 'object', 'array', 'null', 'any']);

/** Whether the field has all values of the line, and more: a value that is added takes nothing away. */
function isWidened(line: string, now: readonly string[]): boolean {
  const [field = '', values] = line.split(': ');
  if (values === undefined) return false;
  const known = values.split('|');
  return now.some((other) => {
    const [otherField, otherValues = ''] = other.split(': ');
    const all = otherValues.split('|');
    const added = all.filter((value) => !known.includes(value));
    return (
      otherField === field &&
      known.every((value) => all.includes(value)) &&
      added.every((value) => !TYPES.has(value) && !value.endsWith(' required'))
    );
  });
}

/** Method and path. */
function operationOf(line: string): string {
  return line.split(' ', 2).join(' ');
}

function partsOf({ parameters = [], requestBody, responses }: Operation): string[] {
  const asked = parameters.flatMap(({ name, in: place, required }) => duty(`> ${place}.${name}`, required));
  const sent = Object.values(requestBody?.content ?? {}).flatMap(({ schema }) => fieldsOf(schema, '> body'));
  const answered = Object.entries(responses).flatMap(
    ([status, { content = {}, 'x-problem-codes': codes = [] }]) =>
      codes.length > 0
        ? codes.map((code) => `! ${status} ${code}`)
        : [
            `< ${status}`,
            ...Object.values(content).flatMap(({ schema }) =>
              fieldsOf(schema, `< ${status}`).filter((line) => !line.endsWith(' required')),
            ),
          ],
  );
  return [...asked, ...sent, ...answered];
}

/** Every field of a schema, with its type, at any depth. */
function fieldsOf(schema: Json, at: string): string[] {
  const {
    properties = {},
    required = [],
    items,
    oneOf = [],
    anyOf = [],
  } = schema as {
    properties?: Readonly<Record<string, Json>>;
    required?: readonly string[];
    items?: Json;
    oneOf?: readonly Json[];
    anyOf?: readonly Json[];
  };
  return [
    ...Object.entries(properties).flatMap(([name, field]) => [
      ...duty(`${at}.${name}: ${typeOf(field)}`, required.includes(name)),
      ...fieldsOf(field, `${at}.${name}`),
    ]),
    ...(items === undefined ? [] : fieldsOf(items, `${at}[]`)),
    ...[...oneOf, ...anyOf].flatMap((one) => fieldsOf(one, at)),
  ];
}

function duty(line: string, isRequired: boolean): string[] {
  return isRequired ? [line, `${line} required`] : [line];
}

function typeOf({ type, enum: values, const: value, anyOf, oneOf }: Json): string {
  if (Array.isArray(values)) return values.map(String).join('|');
  if (value !== undefined) return typeof value === 'string' ? value : JSON.stringify(value);
  const several = (anyOf ?? oneOf) as readonly Json[] | undefined;
  if (several !== undefined) return several.map(typeOf).join('|');
  return [type ?? 'any'].flat().map(String).join('|');
}
