import type { Drawing } from './drawing.ts';

export const coffeeDrawings = {
  bag: (c) => `
    <path fill="${c.main}" d="M62 52h116l10 156q0 6-6 6H58q-6 0-6-6z"/>
    <path fill="${c.shade}" d="M62 28h116v30H62z"/>
    <path fill="${c.light}" opacity=".5" d="M62 40h116v3H62z"/>
    <path fill="#000" opacity=".1" d="M150 58h28l10 150q0 6-6 6h-22z"/>
    <rect x="76" y="92" width="88" height="84" rx="44" fill="${c.light}"/>
    <g transform="rotate(28 120 134)"><ellipse cx="120" cy="134" rx="19" ry="28" fill="${c.shade}"/>
    <path d="M120 106c-10 16 10 40 0 56" fill="none" stroke="${c.light}" stroke-width="5" stroke-linecap="round"/></g>
    <circle cx="120" cy="72" r="5" fill="${c.accent}"/>`,
  dripper: (c) => `
    <path fill="${c.light}" d="M56 60h128l-10 16H66z"/>
    <path fill="${c.main}" d="M64 76h112l-34 60H98z"/>
    <path fill="#000" opacity=".12" d="M140 76h36l-34 60h-18z"/>
    <path fill="none" stroke="${c.main}" stroke-width="9" d="M166 84q34 2 24 26-8 16-36 14"/>
    <rect x="76" y="134" width="88" height="10" rx="5" fill="${c.shade}"/>
    <path fill="#fff" opacity=".6" d="M82 148h76q20 20 20 42 0 24-18 24H80q-18 0-18-24 0-22 20-42z"/>
    <path fill="${c.shade}" d="M65 180h110q3 6 3 12 0 22-18 22H80q-18 0-18-22 0-6 3-12z"/>
    <path fill="${c.accent}" d="M117 150h6v22h-6z"/>`,
  kettle: (c) => `
    <path fill="none" stroke="${c.shade}" stroke-width="11" stroke-linecap="round" d="M74 172C36 168 66 96 28 88"/>
    <path fill="${c.main}" d="M82 84h82l20 118q1 12-11 12H73q-12 0-11-12z"/>
    <path fill="#000" opacity=".12" d="M140 84h24l20 118q1 12-11 12h-25z"/>
    <path fill="${c.shade}" d="M84 84q4-20 39-20t39 20z"/>
    <circle cx="123" cy="56" r="9" fill="${c.accent}"/>
    <path fill="none" stroke="${c.ink}" stroke-width="11" stroke-linecap="round" stroke-linejoin="round" d="M166 96h42v72"/>
    <path fill="#fff" opacity=".3" d="M84 104h8l-10 86h-8z"/>`,
  grinder: (c) => `
    <path fill="none" stroke="${c.shade}" stroke-width="8" stroke-linecap="round" d="M120 58V40h64"/>
    <circle cx="188" cy="34" r="13" fill="${c.accent}"/>
    <path fill="${c.shade}" d="M92 62q0-10 28-10t28 10v8H92z"/>
    <rect x="86" y="68" width="68" height="86" rx="5" fill="${c.main}"/>
    <rect x="82" y="120" width="76" height="12" rx="4" fill="${c.accent}"/>
    <rect x="86" y="152" width="68" height="62" rx="7" fill="${c.light}"/>
    <path fill="#000" opacity=".12" d="M132 68h17q5 0 5 5v135q0 6-7 6h-15z"/>
    <path fill="#fff" opacity=".35" d="M96 78h6v34h-6z"/>`,
  cup: (c) => `
    <g fill="none" stroke="${c.light}" stroke-width="6" stroke-linecap="round">
    <path d="M92 96c-10-14 10-22 0-38M118 90c-10-14 10-24 0-42M144 96c-10-14 10-22 0-38"/></g>
    <path fill="none" stroke="${c.main}" stroke-width="12" d="M168 132q36-6 34 18-2 22-44 24"/>
    <path fill="${c.main}" d="M58 116h120v34q0 50-44 50h-32q-44 0-44-50z"/>
    <path fill="#000" opacity=".12" d="M146 116h32v34q0 50-44 50h-8q20-10 20-50z"/>
    <ellipse cx="118" cy="116" rx="60" ry="11" fill="${c.light}"/>
    <ellipse cx="118" cy="118" rx="49" ry="7" fill="${c.shade}"/>
    <path fill="${c.accent}" d="M36 202h168q-6 12-28 12H64q-22 0-28-12z"/>`,
  server: (c) => `
    <path fill="#fff" opacity=".65" d="M92 66h56l8 40q34 26 34 66 0 42-36 42H86q-36 0-36-42 0-40 34-66z"/>
    <path fill="${c.main}" d="M54 150q30-10 66 0t66 0q4 12 4 22 0 42-36 42H86q-36 0-36-42 0-12 4-22z"/>
    <path fill="#000" opacity=".12" d="M150 152q20 2 36-2 4 12 4 22 0 42-36 42h-14q22-30 10-62z"/>
    <rect x="84" y="98" width="72" height="14" rx="7" fill="${c.accent}"/>
    <path fill="none" stroke="${c.shade}" stroke-width="11" stroke-linecap="round" d="M158 106q62 2 42 66"/>
    <path fill="${c.shade}" d="M88 54h64v14H88z"/><circle cx="120" cy="47" r="9" fill="${c.shade}"/>`,
  machine: (c) => `
    <rect x="34" y="48" width="172" height="66" rx="12" fill="${c.main}"/>
    <path fill="${c.shade}" d="M44 112h58v80H44z"/>
    <rect x="28" y="190" width="184" height="24" rx="7" fill="${c.main}"/>
    <path fill="#000" opacity=".12" d="M162 48h32q12 0 12 12v42q0 12-12 12h-32z"/>
    <rect x="128" y="112" width="48" height="16" rx="4" fill="${c.ink}"/>
    <path fill="none" stroke="${c.ink}" stroke-width="9" stroke-linecap="round" d="M130 122h-34"/>
    <path fill="${c.accent}" d="M146 132h3v18h-3zm9 0h3v18h-3z"/>
    <path fill="${c.light}" d="M132 152h40v18q0 20-20 20t-20-20z"/>
    <circle cx="68" cy="80" r="15" fill="${c.light}"/><path stroke="${c.accent}" stroke-width="4" stroke-linecap="round" d="M68 80l8-7"/>
    <g fill="${c.light}"><circle cx="122" cy="80" r="7"/><circle cx="146" cy="80" r="7"/></g><circle cx="170" cy="80" r="7" fill="${c.accent}"/>
    <path fill="${c.shade}" d="M50 36h140v12H50z"/>`,
} satisfies Record<string, Drawing>;
