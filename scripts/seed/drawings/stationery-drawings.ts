import type { Drawing } from './drawing.ts';

export const stationeryDrawings = {
  notebook: (c) => `
    <g transform="rotate(-6 120 120)">
    <rect x="62" y="34" width="128" height="180" rx="8" fill="${c.light}"/>
    <rect x="54" y="28" width="128" height="180" rx="8" fill="${c.main}"/>
    <path fill="${c.shade}" d="M62 28h14v180H62q-8 0-8-8V36q0-8 8-8z"/>
    <rect x="94" y="64" width="68" height="38" rx="3" fill="#fff" opacity=".9"/>
    <path stroke="${c.ink}" stroke-width="3" stroke-linecap="round" d="M104 78h48M104 89h30"/>
    <path fill="${c.accent}" d="M160 28h10v186h-10z"/></g>`,
  pen: (c) => `
    <g transform="rotate(42 120 120)">
    <path fill="${c.main}" d="M106 8q14-10 28 0v100h-28z"/>
    <path fill="${c.accent}" d="M104 104h32v10h-32z"/><path fill="${c.accent}" d="M134 22h7v62q0 6-7 4z"/>
    <path fill="${c.shade}" d="M107 114h26l-3 60h-20z"/>
    <path fill="${c.light}" d="M110 174h20l-7 44q-3 8-6 0z"/>
    <path stroke="${c.ink}" stroke-width="2" d="M120 184v36"/><circle cx="120" cy="186" r="3" fill="${c.ink}"/>
    <path fill="#fff" opacity=".3" d="M110 10q3-2 5-3v96h-5z"/></g>
    <path fill="none" stroke="${c.ink}" stroke-width="4" stroke-linecap="round" d="M42 208c26-18 28 12 52-2s28 8 56 2 30-6 52 0"/>`,
  pencils: (c) => {
    const pencil = (x: number, top: number, body: string) => `
      <path fill="#d8ab72" d="M${x} ${top + 32}l14-32 14 32z"/><path fill="${c.ink}" d="M${x + 10} ${top + 10}l4-10 4 10z"/>
      <path fill="${body}" d="M${x} ${top + 32}h28v100H${x}z"/><path fill="#000" opacity=".12" d="M${x + 18} ${top + 32}h10v100h-10z"/>`;
    return `${pencil(52, 56, c.main)}${pencil(88, 30, c.accent)}${pencil(124, 44, c.light)}${pencil(160, 62, c.main)}
      <path fill="${c.shade}" d="M42 132h156v74q0 8-8 8H50q-8 0-8-8z"/>
      <path fill="#fff" opacity=".85" d="M72 156h96v32H72z"/><path stroke="${c.ink}" stroke-width="3" d="M84 167h72M84 177h44"/>`;
  },
  ink: (c) => `
    <rect x="92" y="48" width="56" height="44" rx="6" fill="${c.ink}"/>
    <path fill="#fff" opacity=".2" d="M100 54h6v32h-6z"/>
    <path fill="#fff" opacity=".6" d="M96 92h48v14h36q18 0 18 18v72q0 18-18 18H60q-18 0-18-18v-72q0-18 18-18h36z"/>
    <path fill="${c.main}" d="M52 140h136v52q0 12-12 12H64q-12 0-12-12z"/>
    <rect x="78" y="128" width="84" height="56" fill="#fff" opacity=".95"/>
    <path fill="${c.accent}" d="M120 136q16 20 0 32-16-12 0-32z"/><path stroke="${c.ink}" stroke-width="2.5" d="M98 176h44"/>`,
  tape: (c) => {
    const roll = (x: number, y: number, r: number, colour: string) => `
      <circle cx="${x}" cy="${y}" r="${r}" fill="${colour}"/><circle cx="${x}" cy="${y}" r="${r * 0.72}" fill="#fff" opacity=".35"/>
      <circle cx="${x}" cy="${y}" r="${r * 0.5}" fill="${c.halo}"/>`;
    return `<path fill="${c.accent}" opacity=".9" d="M122 182h104l-6 8 6 8-6 8 6 8H122z"/>
      ${roll(98, 78, 52, c.main)}${roll(166, 128, 44, c.light)}${roll(92, 164, 50, c.accent)}`;
  },
  envelope: (c) => `
    <g transform="rotate(5 120 120)"><rect x="58" y="26" width="128" height="120" rx="4" fill="#fff"/>
    <path stroke="${c.light}" stroke-width="4" stroke-linecap="round" d="M76 50h92M76 66h92M76 82h60"/></g>
    <path fill="${c.main}" d="M28 96l92 66 92-66v110q0 8-8 8H36q-8 0-8-8z"/>
    <path fill="#000" opacity=".1" d="M28 214l92-74 92 74z"/>
    <path fill="${c.light}" d="M34 214l86-66 86 66z" opacity=".55"/>
    <circle cx="120" cy="166" r="19" fill="${c.accent}"/><path fill="#fff" opacity=".85" d="M120 176l-9-9q-4-6 2-9 5-2 7 3 2-5 7-3 6 3 2 9z"/>`,
} satisfies Record<string, Drawing>;
