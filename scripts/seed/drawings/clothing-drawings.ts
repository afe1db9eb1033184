import type { Drawing } from './drawing.ts';

export const clothingDrawings = {
  tee: (c) => `
    <path fill="${c.main}" d="M84 36l-58 32 20 46 20-8v102q0 6 6 6h96q6 0 6-6V106l20 8 20-46-58-32q-36 30-72 0z"/>
    <path fill="${c.shade}" d="M84 36q36 30 72 0l8 5q-44 36-88 0z"/>
    <path fill="#000" opacity=".1" d="M150 60q20 80-6 154h24q6 0 6-6V106l20 8 20-46-40-22z"/>
    <circle cx="120" cy="118" r="20" fill="${c.accent}"/><path fill="${c.light}" d="M100 118a20 20 0 0 0 40 0z"/>`,
  sweater: (c) => `
    <path fill="${c.main}" d="M86 34L46 56 22 176l30 8 16-66v84h104v-84l16 66 30-8-24-120-40-22q-34 18-68 0z"/>
    <path fill="${c.shade}" d="M66 200h108v14H66zM20 172l34 9-3 14-34-9zM220 172l-34 9 3 14 34-9zM84 34q36 22 72 0l6 10q-42 26-84 0z"/>
    <g fill="none" stroke="${c.light}" stroke-width="6" stroke-linejoin="round"><path d="M70 96l12 12 13-12 12 12 13-12 12 12 13-12 12 12 13-12"/></g>
    <g fill="none" stroke="${c.accent}" stroke-width="6" stroke-linejoin="round"><path d="M70 116l12 12 13-12 12 12 13-12 12 12 13-12 12 12 13-12"/></g>`,
  cap: (c) => `
    <path fill="${c.main}" d="M40 146q0-92 80-92t80 92z"/>
    <path fill="#000" opacity=".12" d="M120 54q80 0 80 92h-44q0-70-36-92z"/>
    <path fill="none" stroke="${c.shade}" stroke-width="4" d="M120 56q-38 24-38 90M120 56q38 24 38 90"/>
    <circle cx="120" cy="54" r="8" fill="${c.accent}"/>
    <path fill="${c.shade}" d="M36 144h168q34 22 22 42-4 8-16 2-40-22-90-22t-90 22q-12 6-16-2-12-20 22-42z"/>
    <rect x="98" y="96" width="44" height="30" rx="6" fill="${c.light}"/><path fill="${c.accent}" d="M108 120l12-18 12 18z"/>`,
  socks: (c) => {
    const sock = `
      <path fill="${c.main}" d="M20 30h52v92q0 10 8 16l36 26q22 16 8 38-14 18-36 6l-52-30q-16-10-16-30z"/>
      <path fill="${c.light}" d="M20 30h52v22H20z"/><path fill="${c.accent}" d="M20 66h52v10H20zM20 86h52v10H20z"/>
      <path fill="${c.shade}" d="M116 164q22 16 8 38-14 18-36 6l-8-5q26-4 22-49zM20 128q22 2 30 22-14 20-22 22-8-8-8-24z"/>`;
    return `<g transform="translate(84 -6) scale(.95)" opacity=".85">${sock}</g><g transform="translate(16 10) scale(.98)">${sock}</g>`;
  },
  tote: (c) => `
    <path fill="none" stroke="${c.shade}" stroke-width="11" stroke-linecap="round" d="M86 104V64q0-36 34-36t34 36v40"/>
    <path fill="${c.main}" d="M48 84h144l10 122q0 8-8 8H46q-8 0-8-8z"/>
    <path fill="#000" opacity=".1" d="M158 84h34l10 122q0 8-8 8h-36z"/>
    <path fill="${c.accent}" d="M84 168a36 36 0 0 1 72 0z"/><path fill="${c.light}" d="M76 172h88v6H76zM86 184h68v6H86z"/>`,
  sneaker: (c) => `
    <path fill="${c.main}" d="M24 104q10-14 26-8 18 12 40-14 8-10 18-2 20 44 66 52 44 8 46 44H24z"/>
    <path fill="${c.shade}" d="M24 104q10-14 26-8 4 40 0 80H24z"/>
    <path fill="#fff" d="M18 174h206q2 24-18 26H36q-20 0-18-26z"/><path fill="${c.accent}" d="M18 184h206l-1 8H19z"/>
    <path stroke="#fff" stroke-width="7" stroke-linecap="round" d="M100 98l20-10M112 114l20-11M127 128l18-11"/>
    <path fill="none" stroke="${c.light}" stroke-width="8" stroke-linecap="round" d="M66 160q46 8 84-14"/>`,
} satisfies Record<string, Drawing>;
