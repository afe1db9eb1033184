import type { Drawing } from './drawing.ts';

export const kitchenDrawings = {
  knife: (c) => `
    <g transform="rotate(-38 120 124)">
    <path fill="${c.light}" d="M10 104h136v40q-100 8-136-40z"/>
    <path fill="#fff" opacity=".45" d="M10 104h136v12H22q-8-6-12-12z"/>
    <rect x="146" y="100" width="12" height="30" fill="${c.accent}"/>
    <rect x="156" y="100" width="80" height="28" rx="9" fill="${c.main}"/>
    <g fill="${c.light}"><circle cx="176" cy="114" r="4"/><circle cx="198" cy="114" r="4"/><circle cx="220" cy="114" r="4"/></g></g>`,
  skillet: (c) => `
    <path fill="none" stroke="${c.main}" stroke-width="18" stroke-linecap="round" d="M158 92l56-58"/>
    <circle cx="212" cy="36" r="4" fill="${c.background}"/>
    <circle cx="106" cy="136" r="80" fill="${c.main}"/>
    <circle cx="106" cy="136" r="64" fill="${c.shade}"/>
    <path fill="#fff" d="M76 120c6-26 42-18 52-8 14 14 26 38 4 52-16 10-30-4-46 2-26 6-16-24-10-46z"/>
    <circle cx="106" cy="138" r="17" fill="${c.accent}"/><circle cx="100" cy="132" r="4" fill="#fff" opacity=".7"/>`,
  bowl: (c) => `
    <path fill="#fff" d="M50 112q8-46 70-46t70 46z"/>
    <path fill="${c.main}" d="M32 110h176q0 60-50 84H82q-50-24-50-84z"/>
    <path fill="${c.accent}" d="M34 124h172l-3 12H37z"/>
    <path fill="#000" opacity=".12" d="M162 110h46q0 60-50 84h-24q28-30 28-84z"/>
    <path fill="${c.shade}" d="M84 194h72l8 20H76z"/>
    <path stroke="${c.ink}" stroke-width="6" stroke-linecap="round" d="M126 70l72-46M140 80l76-40"/>`,
  board: (c) => `
    <path fill="${c.light}" d="M104 26q16-12 32 0v40h26q14 0 14 14v120q0 14-14 14H78q-14 0-14-14V80q0-14 14-14h26z"/>
    <circle cx="120" cy="42" r="8" fill="${c.background}"/>
    <g fill="none" stroke="${c.main}" stroke-width="3" opacity=".5"><path d="M84 84v112M104 78c8 40-8 80 0 120M126 78c-6 40 10 84 0 120M154 84v112"/></g>
    <g transform="translate(92 108)"><path fill="${c.accent}" d="M2 26Q0 0 28 2t30 28q0 30-28 30T2 26z"/>
    <path fill="${c.shade}" d="M22 4l8-14 6 12 12-4-10 12q-10 4-16-6z"/></g>`,
  pot: (c) => `
    <path fill="${c.shade}" d="M22 108q-8 0-8 12t8 12h18v-24zM218 108q8 0 8 12t-8 12h-18v-24z"/>
    <path fill="${c.main}" d="M38 96h164v86q0 32-32 32H70q-32 0-32-32z"/>
    <path fill="#000" opacity=".12" d="M164 96h38v86q0 32-32 32h-24q18-8 18-32z"/>
    <path fill="${c.main}" d="M46 84q6-34 74-34t74 34z"/>
    <rect x="32" y="82" width="176" height="16" rx="8" fill="${c.shade}"/>
    <circle cx="120" cy="42" r="12" fill="${c.accent}"/>
    <path fill="#fff" opacity=".35" d="M54 112h9v64q0 12 6 20-15-4-15-22z"/>`,
  jar: (c) => `
    <path fill="${c.main}" d="M78 72h84q48 34 34 98-8 34-34 44H78q-26-10-34-44-14-64 34-98z"/>
    <path fill="#000" opacity=".14" d="M142 72h20q48 34 34 98-8 34-34 44h-28q32-70 8-142z"/>
    <path fill="${c.shade}" d="M68 60h104q8 0 8 8t-8 8H68q-8 0-8-8t8-8z"/>
    <path fill="${c.main}" d="M76 60q4-18 44-18t44 18z"/><rect x="108" y="30" width="24" height="14" rx="6" fill="${c.shade}"/>
    <path fill="none" stroke="${c.light}" stroke-width="5" stroke-linecap="round" d="M60 128q20-16 40 0t40 0 40 0"/>
    <path fill="#fff" opacity=".22" d="M70 92q-22 24-16 66 4-40 26-62z"/>`,
  cutlery: (c) => `
    <ellipse cx="72" cy="66" rx="28" ry="38" fill="${c.accent}"/><ellipse cx="70" cy="62" rx="17" ry="25" fill="#fff" opacity=".25"/>
    <path stroke="${c.accent}" stroke-width="11" stroke-linecap="round" d="M72 100v108"/>
    <path stroke="${c.main}" stroke-width="9" stroke-linecap="round" d="M134 32l8 176"/>
    <path stroke="${c.main}" stroke-width="9" stroke-linecap="round" d="M172 32l-8 176"/>
    <path stroke="${c.accent}" stroke-width="9" stroke-linecap="round" d="M134 32l2 44M172 32l-2 44"/>
    <rect x="112" y="150" width="82" height="20" rx="10" fill="${c.light}"/>`,
} satisfies Record<string, Drawing>;
