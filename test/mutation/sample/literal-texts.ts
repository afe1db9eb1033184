export interface LiteralText {
  readonly start: number;
  readonly end: number;
}

/**
 * The texts of all string literals of a TypeScript source. A template with expressions has one text before,
 * between and behind them. Regular expressions with quotes or back ticks are not recognised as such.
 */
export function literalTexts(source: string): LiteralText[] {
  const texts: LiteralText[] = [];
  // Each entry is an open template; its value counts the braces open in the current expression.
  const templates: number[] = [];
  let at = 0;
  const readText = (quote: string): void => {
    const start = at;
    while (at < source.length && source[at] !== quote) {
      if (quote === '`' && source.startsWith('${', at)) {
        texts.push({ start, end: at });
        templates.push(0);
        at += 2;
        return;
      }
      at += source[at] === '\\' ? 2 : 1;
    }
    texts.push({ start, end: at });
    at += 1;
  };
  while (at < source.length) {
    const char = source.charAt(at);
    const open = templates.length - 1;
    if (source.startsWith('//', at)) at = endOf(source, '\n', at);
    else if (source.startsWith('/*', at)) at = endOf(source, '*/', at);
    else {
      at += 1;
      if (char === "'" || char === '"' || char === '`') readText(char);
      else if (char === '{' && open >= 0) templates[open] = (templates[open] ?? 0) + 1;
      else if (char === '}' && open >= 0) {
        if (templates[open] === 0) {
          templates.pop();
          readText('`');
        } else templates[open] = (templates[open] ?? 0) - 1;
      }
    }
  }
  return texts;
}

function endOf(source: string, mark: string, from: number): number {
  const found = source.indexOf(mark, from);
  return found < 0 ? source.length : found + mark.length;
}
