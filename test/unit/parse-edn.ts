/**
 * Reads one value of EDN (github.com/edn-format/edn): maps with keywords for keys, vectors, strings without
 * escapes beyond JSON's, whole numbers, nil and keywords, which stay text with their colon. Throws for
 * anything else.
 */
export function parseEdn(text: string): unknown {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[[\]{}]|[^\s,[\]{}"]+/g) ?? [];
  const value = parseValue(tokens);
  if (tokens.length > 0) throw new Error(`more than one value: ${text}`);
  return value;
}

function parseValue(tokens: string[]): unknown {
  const token = tokens.shift();
  if (token === undefined) throw new Error('the value ends too early');
  if (token === '[') return parseUntil(']', tokens);
  if (token === '{') {
    const flat = parseUntil('}', tokens);
    if (flat.length % 2 !== 0) throw new Error('a key has no value');
    return Object.fromEntries(
      flat.flatMap((key, index) => (index % 2 === 0 ? [[key, flat[index + 1]]] : [])),
    );
  }
  if (token.startsWith('"')) return JSON.parse(token);
  if (token === 'nil') return null;
  if (/^-?\d+$/.test(token)) return Number(token);
  if (/^:[a-z-]+$/.test(token)) return token;
  throw new Error(`${token} is no value of EDN`);
}

function parseUntil(end: string, tokens: string[]): unknown[] {
  const values: unknown[] = [];
  while (tokens[0] !== end) values.push(parseValue(tokens));
  tokens.shift();
  return values;
}
