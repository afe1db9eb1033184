import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { languages } from '../../app/web/shared/pick-language.ts';
import { type PageRoom, pageRooms } from '../../app/contract/page-files.ts';

export interface PageSizes {
  readonly room: PageRoom;
  /** Bytes of script that one visitor loads, after gzip: all but the chart and other languages. */
  readonly scriptBytes: number;
  /** Bytes of the chart's script, which loads only where a chart is shown. */
  readonly chartBytes: number;
  readonly styleBytes: number;
}

/** Compressed sizes of the built pages. */
export function pageSizes(directory: string): PageSizes[] {
  return pageRooms.map((room) => {
    const folder = join(directory, room);
    const bytesOf = (matches: (name: string) => boolean) =>
      readdirSync(folder)
        .filter((name) => matches(name))
        .map((name) => gzipSync(readFileSync(join(folder, name)), { level: 9 }).length);
    const sum = (matches: (name: string) => boolean) =>
      bytesOf(matches).reduce((total, bytes) => total + bytes, 0);
    const isWords = (name: string) => languages.some((language) => name.startsWith(`${language}-`));
    const isChart = (name: string) => /^(u-?plot|chart)/i.test(name);
    return {
      room,
      scriptBytes:
        sum((name) => name.endsWith('.js') && !isChart(name) && !isWords(name)) +
        Math.max(0, ...bytesOf(isWords)),
      chartBytes: sum((name) => isChart(name) && name.endsWith('.js')),
      styleBytes: sum((name) => name.endsWith('.css')),
    };
  });
}
