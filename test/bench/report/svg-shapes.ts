/** Part of a chart, drawn downwards from 0, 0. */
export interface Panel {
  readonly body: string;
  readonly height: number;
}

export const theme = {
  paper: '#fbfaf7',
  ink: '#24292d',
  quiet: '#66707a',
  line: '#d9d6cd',
  /** Rowlock, and ratios that reach their target. */
  main: '#2f6f73',
  /** The server that it is compared with. */
  other: '#b9b4a6',
  /** Ratios that miss their target. */
  short: '#c08a4a',
} as const;

export interface TextStyle {
  readonly size?: number;
  readonly weight?: number;
  readonly fill?: string;
  readonly anchor?: 'start' | 'middle' | 'end';
}

export function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { size = 13, weight = 400, fill = theme.ink, anchor = 'start' } = style;
  const font = `font-size="${size}" font-weight="${weight}" fill="${fill}" text-anchor="${anchor}"`;
  return `<text x="${round(x)}" y="${round(y)}" ${font}>${escapeXml(content)}</text>`;
}

export function bar(x: number, y: number, width: number, height: number, fill: string): string {
  const size = `width="${round(Math.max(0.5, width))}" height="${height}"`;
  return `<rect x="${round(x)}" y="${round(y)}" ${size} rx="2" fill="${fill}"/>`;
}

/** A thin line with end marks from the smallest to the largest value. */
export function whisker(fromX: number, toX: number, y: number): string {
  const [from, to] = [round(fromX), round(toX)];
  const path = `M${from} ${y}H${to}M${from} ${y - 3}v6M${to} ${y - 3}v6`;
  return `<path d="${path}" stroke="${theme.ink}" stroke-width="1" fill="none" opacity="0.65"/>`;
}

export function verticalLine(x: number, fromY: number, toY: number, stroke: string): string {
  return `<path d="M${round(x)} ${fromY}V${toY}" stroke="${stroke}" stroke-width="1"/>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeXml(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
