import { readFile } from 'node:fs/promises';

export interface TourStep {
  /** Commands that a reader pastes into a shell. */
  readonly commands: string;
  /** Output that the page shows; undefined if it shows none. */
  readonly shown: string | undefined;
}

const TOUR = new URL('../../docs/tour.md', import.meta.url);

/** Steps of docs/tour.md for a shop at another address. They share one shell. */
export async function tourSteps(shopUrl: string): Promise<TourStep[]> {
  const tour = await readFile(TOUR, 'utf8');
  const blocks = [...tour.matchAll(/^```(sh|)\n(.*?)^```$/gms)].map(([, language, text = '']) => ({
    language,
    text,
  }));
  return blocks.flatMap(({ language, text }, at) => {
    if (language !== 'sh') return [];
    const next = blocks[at + 1];
    return [
      {
        commands: text.replaceAll('http://127.0.0.1:3000', shopUrl),
        shown: next?.language === '' ? next.text : undefined,
      },
    ];
  });
}

/** Masks values that differ in every run: ids, ports and durations. */
export function withoutChance(output: string): string {
  return output
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replaceAll(/\d+\.\d s /g, 'N s ');
}
