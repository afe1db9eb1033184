/** Text, `code` and **strong** within a block. */
export interface Span {
  readonly kind: 'text' | 'code' | 'strong';
  readonly text: string;
}

export type Block =
  | { readonly kind: 'paragraph'; readonly spans: readonly Span[] }
  | { readonly kind: 'list'; readonly items: readonly (readonly Span[])[] }
  | { readonly kind: 'code'; readonly text: string };

/** The section below a heading of the third level; undefined if there is none. */
export function sectionOf(markdown: string, heading: string): readonly Block[] | undefined {
  const lines = markdown.split('\n');
  const start = lines.indexOf(`### ${heading}`);
  if (start === -1) return undefined;
  const after = lines.slice(start + 1);
  const end = after.findIndex((line) => /^##?#? /.test(line));
  return blocksOf(end === -1 ? after : after.slice(0, end));
}

/** Blocks of the Markdown that docs/runbook.md uses. A table stays as it is written. */
function blocksOf(lines: readonly string[]): Block[] {
  // Commands are every second part; the first line of each names its language.
  const parts = lines.join('\n').split(/^```/m);
  return parts.flatMap((part, index): Block[] =>
    index % 2 === 1
      ? [{ kind: 'code', text: part.replace(/^.*\n/, '').trimEnd() }]
      : part
          .split(/\n{2,}/)
          .map((text) => text.trim())
          .filter((text) => text !== '')
          .map(blockOf),
  );
}

function blockOf(text: string): Block {
  if (text.startsWith('|')) return { kind: 'code', text };
  if (!/^(- |\d+\. )/.test(text)) return { kind: 'paragraph', spans: spansOf(text) };
  const items = text.split(/\n(?=- |\d+\. )/).map((item) => item.replace(/^(- |\d+\. )/, ''));
  return { kind: 'list', items: items.map(spansOf) };
}

function spansOf(text: string): Span[] {
  const joined = text.replace(/\s+/g, ' ').replace(/\[([^\]]+)\]\([^)]+\)/g, '$1');
  return joined.split(/(`[^`]+`|\*\*[^*]+\*\*)/).flatMap((part): Span[] => {
    if (part === '') return [];
    if (part.startsWith('`')) return [{ kind: 'code', text: part.slice(1, -1) }];
    return part.startsWith('**')
      ? [{ kind: 'strong', text: part.slice(2, -2) }]
      : [{ kind: 'text', text: part }];
  });
}
