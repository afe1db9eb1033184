import type { Colours, Drawing } from './drawing.ts';

export const bookDrawings = {
  sunrise: (c) =>
    book(
      c,
      `<circle cx="122" cy="112" r="34" fill="${c.accent}"/><path fill="${c.light}" d="M66 128q28-20 56 0t56 0v70H66z"/>
       <path fill="${c.shade}" d="M66 156q28-18 56 0t56 0v42H66z"/>`,
    ),
  city: (c) =>
    book(
      c,
      `<path fill="${c.light}" d="M66 198v-62h18v-26h22v40h14V84h24v54h14v-20h20v80z"/>
       <g fill="${c.accent}"><path d="M72 146h5v6h-5zM91 122h5v6h-5zM91 138h5v6h-5zM127 98h5v6h-5zM136 112h5v6h-5zM127 126h5v6h-5zM164 130h5v6h-5zM164 148h5v6h-5z"/></g>
       <circle cx="160" cy="72" r="13" fill="${c.accent}"/>`,
    ),
  leaves: (c) =>
    book(
      c,
      `<path stroke="${c.light}" stroke-width="5" fill="none" d="M122 194V82"/>
       <g fill="${c.light}"><path d="M122 126q-42 4-44-38 40 0 44 38zM122 164q-42 4-44-38 40 0 44 38z"/></g>
       <g fill="${c.accent}"><path d="M122 142q42 4 44-38-40 0-44 38zM122 180q42 4 44-38-40 0-44 38z"/><path d="M122 90q-14-20 0-34 14 14 0 34z"/></g>`,
    ),
  grid: (c) =>
    book(
      c,
      `<g fill="${c.light}"><path d="M78 76h40v40H78z"/><path d="M126 124a40 40 0 0 1 40 40h-40z"/></g>
       <g fill="${c.accent}"><circle cx="146" cy="96" r="20"/><path d="M78 124h40v40z"/></g><path fill="#fff" opacity=".7" d="M78 178h88v4H78z"/>`,
    ),
  moon: (c) =>
    book(
      c,
      `<path fill="${c.light}" d="M140 72a40 40 0 1 0 22 58 32 32 0 1 1-22-58z"/>
       <g fill="${c.accent}"><circle cx="152" cy="92" r="4"/><circle cx="84" cy="70" r="3"/><circle cx="166" cy="66" r="3"/></g>
       <path fill="${c.shade}" d="M66 198v-22l30-22 26 18 24-26 32 30v22z"/>`,
    ),
} satisfies Record<string, Drawing>;

/** A standing book with a spine, pages and this picture on its cover. */
function book(c: Colours, cover: string): string {
  return `
    <path fill="#fff" d="M66 200h120v14H66q-12 0-12-8z"/><path stroke="${c.light}" stroke-width="2" d="M64 205h122M64 210h122"/>
    <rect x="54" y="26" width="132" height="180" rx="5" fill="${c.main}"/>
    ${cover}
    <path fill="${c.shade}" d="M59 26h9v180h-9q-5 0-5-5V31q0-5 5-5z"/>
    <path fill="#fff" opacity=".75" d="M82 40h60v5H82zM82 50h38v4H82z"/>`;
}
