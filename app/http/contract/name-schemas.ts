type Json = Readonly<Record<string, unknown>>;

interface Operation {
  readonly operationId: string;
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

type Content = Readonly<Record<string, { readonly schema: Json }>>;

/** A name that a client can use as a type. */
const NAME = /^[A-Z][A-Za-z]*$/;

/**
 * The same document with every body as a named schema, so that generated clients have types that people can
 * read. A schema with a `title` at any depth has that name; other bodies are named by their operation. Throws
 * if two different schemas have one name.
 */
export function nameSchemas(document: Json): Json {
  const { paths, components } = document as {
    paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
    components: { readonly schemas: Readonly<Record<string, Json>> };
  };
  const schemas = new Map<string, Json>(Object.entries(components.schemas));

  const refer = (name: string, schema: Json): Json => {
    const known = schemas.get(name);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(schema)) {
      throw new Error(`two schemas are called ${name}`);
    }
    schemas.set(name, schema);
    return { $ref: `#/components/schemas/${name}` };
  };
  /** A copy in which titled schemas are references. */
  const hoist = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(hoist);
    if (typeof value !== 'object' || value === null) return value;
    const copy = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hoist(inner)]));
    const { title } = copy;
    return typeof title === 'string' && NAME.test(title) ? refer(title, copy) : copy;
  };
  const namedContent = (content: Content, name: string): Content =>
    Object.fromEntries(
      Object.entries(content).map(([mediaType, body]) => {
        const schema = hoist(body.schema) as Json;
        const isNamed = '$ref' in schema || mediaType !== 'application/json';
        return [mediaType, { ...body, schema: isNamed ? schema : refer(name, schema) }];
      }),
    );

  const namedOperation = (operation: Operation): Operation => {
    const { operationId, requestBody, responses } = operation;
    return {
      ...operation,
      ...(requestBody && {
        requestBody: {
          ...requestBody,
          content: namedContent(requestBody.content, bodyName(operationId, 'Request')),
        },
      }),
      responses: Object.fromEntries(
        Object.entries(responses).map(([status, response]) => [
          status,
          response.content === undefined
            ? response
            : { ...response, content: namedContent(response.content, bodyName(operationId, 'Response')) },
        ]),
      ),
    };
  };

  const named = Object.entries(paths).map(([path, methods]) => [
    path,
    Object.fromEntries(
      Object.entries(methods).map(([method, operation]) => [method, namedOperation(operation)]),
    ),
  ]);
  return {
    ...document,
    paths: Object.fromEntries(named) as Json,
    components: { ...components, schemas: Object.fromEntries([...schemas].toSorted(byName)) },
  };
}

/** Name of a body whose schema has no title. */
export function bodyName(operationId: string, kind: 'Request' | 'Response'): string {
  return operationId.replace(/^./, (letter) => letter.toUpperCase()) + kind;
}

function byName([a]: readonly [string, Json], [b]: readonly [string, Json]): number {
  return a < b ? -1 : 1;
}
