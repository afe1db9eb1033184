import type { Drawing } from './drawing.ts';

export const homeDrawings = {
  lamp: (c) => `
    <path fill="${c.accent}" opacity=".2" d="M70 102h100l44 112H26z"/>
    <path fill="${c.main}" d="M92 26h56l34 80H58z"/><path fill="#000" opacity=".12" d="M130 26h18l34 80h-38z"/>
    <path fill="${c.light}" d="M58 100h124v8H58z"/>
    <path stroke="${c.ink}" stroke-width="7" d="M120 108v98"/><path fill="${c.shade}" d="M84 214q0-14 36-14t36 14z"/>
    <path stroke="${c.accent}" stroke-width="3" d="M150 108v30"/><circle cx="150" cy="142" r="5" fill="${c.accent}"/>`,
  vase: (c) => `
    <path fill="none" stroke="${c.shade}" stroke-width="4" d="M118 120C116 80 96 62 88 40M120 120c0-40 6-60 10-84M122 120c4-30 26-44 38-58"/>
    <g fill="${c.light}"><path d="M106 88q-26 4-32-18 24-4 32 18zM128 82q22-4 22-26-22 4-22 26zM136 100q26 6 36-12-22-10-36 12z"/></g>
    <g fill="${c.accent}"><circle cx="86" cy="36" r="15"/><circle cx="132" cy="30" r="12"/><circle cx="164" cy="58" r="13"/></g>
    <path fill="${c.main}" d="M98 114h44q-4 16 14 34 28 40-12 66H96q-40-26-12-66 18-18 14-34z"/>
    <path fill="#000" opacity=".12" d="M126 114h16q-4 16 14 34 28 40-12 66h-22q40-40 4-100z"/><path fill="${c.light}" opacity=".8" d="M74 172q46 10 92 0l1 8q-47 10-94 0z"/>`,
  candle: (c) => `
    <circle cx="120" cy="66" r="52" fill="${c.accent}" opacity=".16"/>
    <path fill="${c.accent}" d="M120 34q24 32 8 48-8 6-16 0-16-16 8-48z"/><path fill="#fff" opacity=".7" d="M120 60q10 14 3 21-3 2-6 0-7-7 3-21z"/>
    <path stroke="${c.ink}" stroke-width="4" stroke-linecap="round" d="M120 84v18"/>
    <path fill="${c.light}" d="M68 104q52-14 104 0v16H68z"/>
    <rect x="60" y="110" width="120" height="104" rx="10" fill="${c.main}"/><path fill="#000" opacity=".12" d="M148 110h22q10 0 10 10v84q0 10-10 10h-22z"/>
    <rect x="82" y="138" width="76" height="50" fill="#fff" opacity=".92"/><path stroke="${c.ink}" stroke-width="3" d="M94 156h52M102 168h36"/>`,
  armchair: (c) => `
    <path stroke="${c.ink}" stroke-width="8" stroke-linecap="round" d="M66 190l-8 22M174 190l8 22"/>
    <path fill="${c.main}" d="M60 110V72q0-34 34-34h52q34 0 34 34v38z"/><path fill="#000" opacity=".1" d="M148 38q32 2 32 34v38h-32z"/>
    <path fill="${c.shade}" d="M34 104q26-6 30 20v26h112v-26q4-26 30-20 14 6 10 24l-10 56q-2 12-14 12H48q-12 0-14-12l-10-56q-4-18 10-24z"/>
    <rect x="66" y="124" width="108" height="34" rx="12" fill="${c.light}"/><rect x="92" y="70" width="56" height="52" rx="10" fill="${c.accent}" transform="rotate(-8 120 96)"/>`,
  cushion: (c) => `
    <path fill="${c.main}" d="M36 46q84 22 168 0 20 0 12 20-16 54 0 120 6 22-14 22-82-20-164 0-20 0-14-22 16-66 0-120-8-20 12-20z"/>
    <g fill="none" stroke="${c.light}" stroke-width="9"><path d="M54 98q66 12 132 0M56 152q64-12 128 0"/></g>
    <g fill="${c.accent}"><path d="M120 108l17 17-17 17-17-17zM72 112l13 13-13 13-13-13zM168 112l13 13-13 13-13-13z"/></g>
    <path fill="#000" opacity=".09" d="M176 52q14-3 28-6 20 0 12 20-16 54 0 120 6 22-14 22-18-4-36-7 28-70 10-149z"/>`,
  clock: (c) => `
    <circle cx="120" cy="124" r="90" fill="${c.main}"/><circle cx="120" cy="124" r="74" fill="#fff" opacity=".95"/>
    <g stroke="${c.shade}" stroke-width="6" stroke-linecap="round"><path d="M120 60v10M120 178v10M56 124h10M174 124h10"/></g>
    <path fill="none" stroke="${c.ink}" stroke-width="8" stroke-linecap="round" stroke-linejoin="round" d="M92 96l28 28 42-14"/>
    <path stroke="${c.accent}" stroke-width="4" stroke-linecap="round" d="M112 140l26-52"/><circle cx="120" cy="124" r="8" fill="${c.accent}"/>`,
} satisfies Record<string, Drawing>;
