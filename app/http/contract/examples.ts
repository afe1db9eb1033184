import { exampleValues } from './example-values.ts';

interface SchemaNode {
  readonly title?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
}

/**
 * An example of a parameter or body, put together from the story in example-values.ts; of alternatives it
 * takes the first. Undefined without a value there; test/unit/openapi.test.ts finds what was forgotten.
 */
export function exampleOf(schema: unknown, name: string): unknown {
  const node = schema as SchemaNode;
  const example = exampleAt(node, '', name);
  return node.properties === undefined
    ? example
    : { ...(example as object), ...asObject(exampleValues[name]) };
}

function exampleAt(node: SchemaNode, owner: string, field: string): unknown {
  const own = `${owner}.${field}`;
  if (Object.hasOwn(exampleValues, own)) return exampleValues[own];
  if (node.const !== undefined) return node.const;
  if (node.properties !== undefined) {
    const name = node.title ?? field;
    return Object.fromEntries(
      Object.entries(node.properties)
        .map(([key, inner]) => [key, exampleAt(inner, name, key)] as const)
        .filter(([, value]) => value !== undefined),
    );
  }
  const [alternative] = node.anyOf ?? node.oneOf ?? [];
  if (alternative !== undefined && !isLeaf(alternative)) return exampleAt(alternative, owner, field);
  const item = node.items && exampleAt(node.items, owner, field);
  if (item !== undefined) return [item];
  if (Object.hasOwn(exampleValues, field)) return exampleValues[field];
  if (node.enum !== undefined) return node.enum[0];
  if (alternative !== undefined) return exampleAt(alternative, owner, field);
  return undefined;
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

function isLeaf({ properties, anyOf, oneOf, items }: SchemaNode): boolean {
  return (properties ?? anyOf ?? oneOf ?? items) === undefined;
}
