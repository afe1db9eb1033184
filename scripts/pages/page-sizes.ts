import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type PageRoom, pageRooms } from '../../app/http/pages/read-pages.ts';

export interface PageSizes {
  readonly room: PageRoom;
  /** Bytes of all scripts after gzip, also of those that load later, without the chart. */
  readonly scriptBytes: number;
  /** Bytes of the chart's script, which loads only where a chart is shown. */
  readonly chartBytes: number;
  readonly styleBytes: number;
}

/** Compressed sizes of the built pages. */
export function pageSizes(directory: string): PageSizes[] {
  return pageRooms.map((room) => {
    const folder = join(directory, room);
    const sum = (matches: (name: string) => boolean) =>
      readdirSync(folder)
        .filter(matches)
        .reduce((total, name) => total + gzipSync(readFileSync(join(folder, name)), { level: 9 }).length, 0);
    const isChart = (name: string) => /^(u-?plot|chart)/i.test(name);
    return {
      room,
      scriptBytes: sum((name) => name.endsWith('.js') && !isChart(name)),
      chartBytes: sum((name) => isChart(name) && name.endsWith('.js')),
      styleBytes: sum((name) => name.endsWith('.css')),
    };
  });
}
