import { createHash } from 'node:crypto';
import { problemTable } from './problem-table.ts';

interface Parameter {
  name: string;
  in: string;
  required: boolean;
  schema: Record<string, unknown>;
}

interface Operation {
  tags: string[];
  summary: string;
  security?: unknown;
  'x-role'?: string;
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: unknown }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: unknown }> }>;
}

const STYLE = `
:root{color-scheme:light dark;--line:#8884;--soft:#8881}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{margin-bottom:.2rem}h2{margin-top:2.5rem;border-bottom:1px solid var(--line)}
nav a{margin-right:1rem}code,pre{font:14px/1.45 ui-monospace,monospace}
details{border:1px solid var(--line);border-radius:6px;margin:.6rem 0;padding:.5rem .8rem}
summary{cursor:pointer}summary code{font-weight:600}
.verb{display:inline-block;min-width:4.2rem}.who{float:right;opacity:.7;font-size:.85em}
pre{background:var(--soft);padding:.7rem;border-radius:6px;overflow:auto}
table{border-collapse:collapse;width:100%;margin:.5rem 0}td,th{text-align:left;border-bottom:1px solid var(--line);padding:.25rem .6rem .25rem 0;vertical-align:top}
`;

/** The only thing that the page may load is its own style; it has no script. */
export const docsPagePolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; frame-ancestors 'none'; base-uri 'none'`;

/** A page for people, made from the OpenAPI document: works without script and without a network. */
export function docsPage(document: Record<string, unknown>): string {
  const paths = document['paths'] as Record<string, Record<string, Operation>>;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const groups = Map.groupBy(operations, ({ operation }) => operation.tags[0] ?? 'Other');
  const { title, description } = document['info'] as { title: string; description: string };
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(title)} API</title><style>${STYLE}</style></head><body>
<h1>${escape(title)} API</h1>
<p>${prose(description)} The same as a machine reads it: <a href="/openapi.json">openapi.json</a>.</p>
<nav>${[...groups.keys(), 'Problems'].map((name) => `<a href="#${anchor(name)}">${escape(name)}</a>`).join('')}</nav>
${[...groups].map(([name, items]) => `<h2 id="${anchor(name)}">${escape(name)}</h2>${items.map(operationHtml).join('')}`).join('\n')}
<h2 id="problems">Problems</h2>
<p>Every error has one of these codes. They do not change; the texts may.</p>
<table><tr><th>Status</th><th>Code</th><th>Meaning</th></tr>
${Object.entries(problemTable)
  .map(([code, { status, title: meaning }]) => row(String(status), `<code>${code}</code>`, escape(meaning)))
  .join('')}</table>
</body></html>`;
}

function operationHtml({
  path,
  method,
  operation,
}: {
  path: string;
  method: string;
  operation: Operation;
}): string {
  const who = operation['x-role'] ?? (operation.security === undefined ? 'anyone' : 'session');
  const bodySchema = operation.requestBody?.content['application/json']?.schema;
  const parameters = operation.parameters ?? [];
  return `<details><summary><code><span class="verb">${method.toUpperCase()}</span>${escape(path)}</code>
<span class="who">${escape(who)}</span><br>${prose(operation.summary)}</summary>
${
  parameters.length === 0
    ? ''
    : `<h4>Parameters</h4><table>${parameters
        .map(({ name, in: place, required, schema }) =>
          row(
            `<code>${escape(name)}</code>`,
            `${place}${required ? ', required' : ''}`,
            `<code>${escape(JSON.stringify(schema))}</code>`,
          ),
        )
        .join('')}</table>`
}
${bodySchema === undefined ? '' : `<h4>Body</h4><pre>${escape(outline(bodySchema))}</pre>`}
<h4>Answers</h4><table>${Object.entries(operation.responses)
    .map(([status, { description, content }]) => {
      const schema = content?.['application/json']?.schema;
      const shape = schema === undefined ? '' : `<pre>${escape(outline(schema))}</pre>`;
      return row(status, `${prose(description)}${shape}`);
    })
    .join('')}</table></details>`;
}

interface SchemaNode {
  type?: string;
  properties?: Record<string, SchemaNode>;
  required?: string[];
  items?: SchemaNode;
  enum?: unknown[];
  const?: unknown;
  format?: string;
  anyOf?: SchemaNode[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  additionalProperties?: SchemaNode | boolean;
}

/** A schema as indented lines: `productId: string (uuid)`; a `?` marks what may be left out. */
function outline(schema: unknown, indent = ''): string {
  const node = schema as SchemaNode;
  if (node.anyOf !== undefined) return node.anyOf.map((option) => outline(option, indent)).join(' | ');
  if (node.enum !== undefined) return node.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (node.const !== undefined) return JSON.stringify(node.const);
  if (node.type === 'array') return `[${outline(node.items ?? {}, indent)}]`;
  if (node.type === 'object' && node.properties !== undefined) {
    const lines = Object.entries(node.properties).map(([name, property]) => {
      const optional = node.required?.includes(name) === true ? '' : '?';
      return `${indent}  ${name}${optional}: ${outline(property, `${indent}  `)}`;
    });
    return `{\n${lines.join('\n')}\n${indent}}`;
  }
  if (node.type === 'object' && typeof node.additionalProperties === 'object') {
    return `{ [name]: ${outline(node.additionalProperties, indent)} }`;
  }
  return `${node.type ?? 'any'}${bounds(node)}`;
}

function bounds(node: SchemaNode): string {
  const [low, high] =
    node.type === 'string' ? [node.minLength, node.maxLength] : [node.minimum, node.maximum];
  // zod bounds every integer by what a double holds exactly; that says nothing to a reader.
  const isBounded = (value: number | undefined) =>
    value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER;
  const range =
    isBounded(low) || isBounded(high) ? `${isBounded(low) ? low : ''}…${isBounded(high) ? high : ''}` : '';
  const notes = [node.format, range].filter((note) => note !== undefined && note !== '');
  return notes.length === 0 ? '' : ` (${notes.join(', ')})`;
}

function row(...cells: string[]): string {
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
}

function anchor(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z]+/g, '-');
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** Escaped text in which `code` is set as code. */
function prose(text: string): string {
  return escape(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}
