import { readFile } from 'node:fs/promises';

export interface TourStep {
  /** What a reader pastes into his shell. */
  readonly commands: string;
  /** What the README says that it prints; undefined where it shows nothing. */
  readonly shown: string | undefined;
}

const README = new URL('../../README.md', import.meta.url);

/** The README's tour, with the shop at another address. Its steps go on in one shell. */
export async function readmeTour(shopUrl: string): Promise<TourStep[]> {
  const readme = await readFile(README, 'utf8');
  const tour = /^## A tour\n(.*?)^## /ms.exec(readme)?.[1] ?? '';
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

/** Without what is another one each time: ids, ports, and how long it took. */
export function withoutChance(output: string): string {
  return output
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replaceAll(/\d+\.\d s /g, 'N s ');
}
