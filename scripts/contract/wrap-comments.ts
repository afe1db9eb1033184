/**
 * Breaks the lines of generated block comments that are wider than `widthMax`. A line without a space to
 * break at stays. Each line of a block comment holds text, or the comment is one line.
 */
export function wrapComments(source: string, widthMax: number): string {
  return source
    .split('\n')
    .flatMap((line) => (line.length > widthMax ? wrapLine(line, widthMax) : [line]))
    .join('\n');
}

function wrapLine(line: string, widthMax: number): string[] {
  const [, indent, text] = /^( *)\/\*\* (.*) \*\/$/.exec(line) ?? [];
  if (indent !== undefined && text !== undefined) {
    return [`${indent}/**`, ...wrapText(`${indent} * `, text, widthMax), `${indent} */`];
  }
  const [, start, rest] = /^( *\* )(.*)$/.exec(line) ?? [];
  return start === undefined || rest === undefined ? [line] : wrapText(start, rest, widthMax);
}

function wrapText(start: string, text: string, widthMax: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && start.length + longer.length > widthMax) {
      lines.push(start + line);
      line = word;
    } else line = longer;
  }
  return [...lines, start + line];
}
