import { createHash } from 'node:crypto';
import { problemTable } from '../contract/problem-table.ts';

interface Parameter {
  name: string;
  in: string;
  required: boolean;
  description?: string;
  schema: Record<string, unknown>;
}

interface Response {
  description: string;
  content?: Record<string, { schema: unknown }>;
  'x-problem-codes'?: string[];
}

interface Operation {
  tags: string[];
  summary: string;
  security?: object[];
  'x-role'?: string;
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: unknown }> };
  responses: Record<string, Response>;
}

/** The colours are those of app/web/shared/tokens.css, so that the page belongs to the shop's pages. */
const STYLE = `
:root{color-scheme:light dark;--paper:light-dark(#faf7f2, #14171a);--surface:light-dark(#ffffff, #1c2125);
--sunken:light-dark(#f2ede4, #101315);--ink:light-dark(#1f2428, #eceae5);--ink-2:light-dark(#5c6269, #a4abb1);
--line:light-dark(#e6dfd4, #2d343a);--accent:light-dark(#17524c, #7fcfc2);--ok:light-dark(#1f663f, #74c795);
--warn:light-dark(#7f5005, #e0b056);--bad:light-dark(#a92f26, #f98b93);--clay:light-dark(#b84a22, #f0916a)}
*{box-sizing:border-box}
body{background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,sans-serif;max-width:64rem;
margin:2.5rem auto 6rem;padding:0 1rem}
h1,h2{font:400 1.75rem/1.15 "DM Serif Display",Georgia,serif;letter-spacing:-.01em;margin:3rem 0 1rem}
h1{font-size:2.5rem;margin:0 0 .3rem}
h3{color:var(--ink-2);font-size:.875rem;font-weight:600;margin:1.1rem 0 .3rem}
a{color:var(--accent);text-underline-offset:.2em}:focus-visible{outline:3px solid var(--clay);outline-offset:2px}
nav{display:flex;flex-wrap:wrap;gap:.5rem;margin:1.2rem 0}li{margin:.25rem 0}
nav a{border:1px solid var(--line);border-radius:999px;background:var(--surface);padding:.4rem .9rem;
font-size:.875rem;text-decoration:none}
code,pre{font:.875rem/1.5 ui-monospace,monospace}
details{border:1px solid var(--line);border-radius:14px;background:var(--surface);margin:.6rem 0;
padding:.75rem 1.1rem}
summary{cursor:pointer;display:grid;grid-template-columns:4.6rem 1fr auto;
gap:.1rem .6rem;align-items:baseline}
summary::-webkit-details-marker{display:none}summary:hover .path{text-decoration:underline}
.verb{font-weight:600;text-align:center;border:1px solid;border-radius:999px;font-size:.75rem}
.verb.get{color:var(--accent)}.verb.post{color:var(--ok)}
.verb.put{color:var(--warn)}.verb.delete{color:var(--bad)}
.path{font-weight:600;overflow-wrap:anywhere}.who,.what{color:var(--ink-2)}.who{font-size:.875rem}
.what{grid-column:2/-1}
pre{background:var(--sunken);padding:.8rem 1rem;border-radius:6px;overflow:auto;margin:.3rem 0}
table{border-collapse:collapse;width:100%}
td,th{text-align:left;border-bottom:1px solid var(--line);padding:.4rem .8rem .4rem 0;
vertical-align:top}
td code{overflow-wrap:anywhere}.codes{display:flex;flex-wrap:wrap;gap:.3rem .9rem}
`;

/** The page may load only its own style. It has no script, submits nothing and cannot be framed. */
const policy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Headers of the page in addition to those of every response. */
export const docsPageHeaders = {
  'Content-Security-Policy': policy,
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
};

/** Rules of all operations that no schema states. */
const IN_SHORT = `<ul>
<li>Open an account, log in, and send <code>Authorization: Bearer TOKEN</code>. Browsers get a cookie instead,
which works from the shop's own pages.</li>
<li>If <code>Idempotency-Key</code> is required, create one key per operation and send the same key until you
get a response. A replayed response has <code>Idempotent-Replayed: true</code>. Operations that do not list
the header reject it.</li>
<li>On 503, wait for the seconds in <code>Retry-After</code> and send the same request again.</li>
<li>Lists have pages: pass <code>nextCursor</code> as <code>cursor</code> until it is null. <code>limit</code>
is 1 to 100.</li>
<li>Fields and query parameters that are not listed here are rejected. Bodies are JSON in UTF-8, at most
64 KB.</li>
<li>When you ask for help, name the <code>X-Request-Id</code> of the response.</li>
</ul>`;

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
<p>${prose(description)} Machine-readable: <a href="/openapi.json">openapi.json</a>.</p>
<nav>${['In short', ...groups.keys(), 'Problems'].map(linkTo).join('')}</nav>
<h2 id="in-short">In short</h2>
${IN_SHORT}
${[...groups].map(([name, items]) => heading(name) + items.map(operationHtml).join('')).join('\n')}
<h2 id="problems">Problems</h2>
<p>Every error has one of these codes. They do not change; the texts may.</p>
<table><tr><th>Status</th><th>Code</th><th>Meaning</th></tr>
${Object.entries(problemTable)
  .map(([code, { status, title: meaning }]) =>
    row(String(status), `<code id="${code}">${code}</code>`, escape(meaning)),
  )
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
  const who = operation['x-role'] ?? whoOf(operation.security);
  const bodySchema = operation.requestBody?.content['application/json']?.schema;
  const parameters = operation.parameters ?? [];
  const answers = Object.entries(operation.responses).filter(([, { content }]) => !isProblem(content));
  const problems = Object.entries(operation.responses).flatMap(
    ([status, { 'x-problem-codes': codes = [] }]) =>
      codes.map((code) => `<span>${status} <a href="#${code}"><code>${code}</code></a></span>`),
  );
  return `<details><summary><code class="verb ${method}">${method.toUpperCase()}</code>
<code class="path">${escape(path)}</code><span class="who">${escape(who)}</span>
<span class="what">${prose(operation.summary)}</span></summary>
${parametersHtml(parameters)}
${bodySchema === undefined ? '' : `<h3>Body</h3><pre>${escape(outline(bodySchema))}</pre>`}
${answers.map(answerHtml).join('')}
<h3>Problems</h3><div class="codes">${problems.join('')}</div></details>`;
}

/** An empty requirement is one that needs nothing. */
function whoOf(security: readonly object[] | undefined): string {
  if (security === undefined || security.length === 0) return 'anyone';
  return security.some((requirement) => Object.keys(requirement).length === 0)
    ? 'session or guest'
    : 'session';
}

function isProblem(content: Response['content']): boolean {
  return content?.['application/problem+json'] !== undefined;
}

function parametersHtml(parameters: readonly Parameter[]): string {
  if (parameters.length === 0) return '';
  return `<h3>Parameters</h3><table>${parameters.map(parameterHtml).join('')}</table>`;
}

function parameterHtml({ name, in: place, required, description = '', schema }: Parameter): string {
  const type = `<code>${escape(outline(schema))}</code> ${prose(description)}`;
  return row(`<code>${escape(name)}</code>`, `${place}${required ? ', required' : ''}`, type);
}

function answerHtml([status, { content }]: [string, Response]): string {
  const schema = content?.['application/json']?.schema;
  if (content === undefined) return `<h3>Answer ${status}, without a body</h3>`;
  return `<h3>Answer ${status}</h3>${schema === undefined ? '' : `<pre>${escape(outline(schema))}</pre>`}`;
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

function linkTo(name: string): string {
  return `<a href="#${anchor(name)}">${escape(name)}</a>`;
}

function heading(name: string): string {
  return `<h2 id="${anchor(name)}">${escape(name)}</h2>`;
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
