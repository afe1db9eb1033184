interface Block {
  readonly kind: 'describe' | 'it';
  readonly firstLine: number;
  readonly lastLine: number;
  /** A regular expression for the title. */
  readonly title: string;
}

const OPENING = /^( *)(describe|it)\((.*)$/;
/** Added to the title of a group that cannot run on this machine (test/support/skip-without.ts). */
const NEEDS = '(?: \\(needs [^)]+\\))?';

/**
 * A pattern for mocha's --grep that matches exactly the test around `line` (counted from 1), or every test of
 * the group around it. Undefined when the line is in neither: then the whole file is meant. Relies on the
 * formatter: what is in a block is indented further than its first line. Throws if the file has no such line.
 */
export function findTestAtLine(source: string, line: number): string | undefined {
  const lineCount = source.trimEnd().split('\n').length;
  if (line > lineCount) throw new Error(`there is no test at line ${line}: the file has ${lineCount} lines`);
  const around = blocksOf(source).filter(({ firstLine, lastLine }) => firstLine <= line && line <= lastLine);
  const innermost = around.at(-1);
  if (innermost === undefined) return undefined;
  const title = around.map((block) => block.title + (block.kind === 'describe' ? NEEDS : '')).join(' ');
  return innermost.kind === 'it' ? `^${title}$` : `^${title} `;
}

/** In the order of their first lines, so that a block comes before those inside it. */
function blocksOf(source: string): Block[] {
  const lines = source.split('\n');
  return lines.flatMap((text, index) => {
    const [, indent = '', kind, rest = ''] = OPENING.exec(text) ?? [];
    if (kind !== 'describe' && kind !== 'it') return [];
    const lastLine = index + 1 + linesInside(lines.slice(index + 1), indent);
    const argument = rest === '' ? (lines[index + 1] ?? '').trim() : rest;
    return [{ kind, firstLine: index + 1, lastLine, title: titlePattern(argument) }];
  });
}

/** How many lines after the first one belong to a block with this indent. */
function linesInside(following: readonly string[], indent: string): number {
  const isDeeper = (line: string) => line === '' || line.startsWith(`${indent} `);
  const next = following.findIndex((line) => !isDeeper(line));
  if (next === -1) return following.length;
  const isItsEnd = /^[})]/.test((following[next] ?? '').slice(indent.length));
  return isItsEnd && following[next]?.startsWith(indent) ? next + 1 : next;
}

/** The title that a call's arguments begin with; a part that is only known when it runs matches anything. */
function titlePattern(text: string): string {
  const [quote] = text;
  if (quote !== "'" && quote !== '"' && quote !== '`') return '.*';
  let pattern = '';
  for (let at = 1; at < text.length; at++) {
    if (text[at] === quote)
      return text
        .slice(at + 1)
        .trimStart()
        .startsWith('+')
        ? `${pattern}.*`
        : pattern;
    if (quote === '`' && text.startsWith('${', at)) {
      at = endOfPlaceholder(text, at + 2);
      pattern += '.*';
      continue;
    }
    if (text[at] === '\\') at++;
    pattern += (text[at] ?? '').replace(/[\\^$.*+?()[\]{}|]/, '\\$&');
  }
  return `${pattern}.*`;
}

/** The position of the bracket that ends a placeholder. */
function endOfPlaceholder(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === '{') depth++;
    if (text[at] === '}') depth--;
    if (depth === 0) return at;
  }
  return text.length;
}
