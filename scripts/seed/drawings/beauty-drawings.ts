import type { Drawing } from './drawing.ts';

export const beautyDrawings = {
  dropper: (c) => `
    <rect x="104" y="18" width="32" height="44" rx="14" fill="${c.ink}"/><rect x="96" y="58" width="48" height="24" rx="4" fill="${c.accent}"/>
    <path fill="${c.main}" d="M98 82h44v12h16q18 0 18 18v84q0 18-18 18H82q-18 0-18-18v-84q0-18 18-18h16z"/>
    <path fill="#000" opacity=".12" d="M142 94h16q18 0 18 18v84q0 18-18 18h-16z"/>
    <rect x="80" y="124" width="80" height="60" fill="#fff" opacity=".92"/><path stroke="${c.ink}" stroke-width="3" d="M92 144h56M92 156h36"/><path fill="${c.accent}" d="M146 160q10 12 0 18-10-6 0-18z"/>`,
  tube: (c) => `
    <path fill="${c.main}" d="M70 26h100l-12 144H82z"/><path fill="${c.shade}" d="M68 20h104l-1 16H69z"/>
    <path fill="#000" opacity=".1" d="M142 26h28l-12 144h-24z"/><path fill="${c.light}" d="M84 66h72l-6 62H90z"/>
    <circle cx="120" cy="94" r="17" fill="${c.accent}"/><path fill="#fff" opacity=".7" d="M112 96q8-18 16-6-2 14-16 6z"/>
    <rect x="84" y="170" width="72" height="44" rx="6" fill="${c.shade}"/><path stroke="#fff" opacity=".3" stroke-width="3" d="M96 176v32M108 176v32M120 176v32M132 176v32M144 176v32"/>`,
  pot: (c) => `
    <rect x="46" y="70" width="148" height="48" rx="10" fill="${c.accent}"/><path fill="#fff" opacity=".25" d="M58 78h124v7H58z"/>
    <path fill="${c.main}" d="M52 118h136v72q0 24-24 24H76q-24 0-24-24z"/><path fill="#000" opacity=".12" d="M152 118h36v72q0 24-24 24h-28q16-8 16-24z"/>
    <rect x="78" y="140" width="84" height="46" rx="23" fill="#fff" opacity=".92"/><path stroke="${c.ink}" stroke-width="3" stroke-linecap="round" d="M98 158h44M106 169h28"/>
    <path fill="${c.light}" d="M92 66q28-50 56-10-10 14-28 10-14-4-28 0z"/>`,
  soap: (c) => `
    <g fill="#fff" opacity=".7"><circle cx="74" cy="84" r="17"/><circle cx="104" cy="58" r="11"/><circle cx="62" cy="50" r="8"/><circle cx="166" cy="74" r="13"/></g>
    <path fill="${c.main}" d="M48 126q0-22 22-26 50-10 100 0 22 4 22 26v26q0 22-22 26-50 8-100 0-22-4-22-26z"/>
    <path fill="${c.light}" d="M48 126q0-22 22-26 50-10 100 0 22 4 22 26 0 18-22 22-50 8-100 0-22-4-22-22z"/>
    <path fill="none" stroke="${c.main}" stroke-width="5" stroke-linecap="round" d="M88 126q16-16 32 0t32 0"/>
    <path fill="${c.accent}" d="M26 186h188q0 28-28 28H54q-28 0-28-28z"/>`,
  lipstick: (c) => `
    <g transform="translate(-34 0)"><path fill="#b5384f" d="M100 108V58q20-36 40-24v74z"/><path fill="#fff" opacity=".25" d="M106 104V62q6-12 12-18v60z"/>
    <rect x="94" y="104" width="52" height="28" fill="${c.light}"/><rect x="86" y="128" width="68" height="86" rx="6" fill="${c.main}"/>
    <path fill="#000" opacity=".14" d="M132 128h16q6 0 6 6v74q0 6-6 6h-16z"/><path fill="${c.light}" d="M86 140h68v6H86z"/>
    <rect x="176" y="132" width="46" height="82" rx="6" fill="${c.shade}"/><path fill="${c.light}" d="M176 144h46v5h-46z"/></g>`,
  pump: (c) => `
    <path fill="none" stroke="${c.ink}" stroke-width="9" stroke-linecap="round" stroke-linejoin="round" d="M120 66V34H74v12"/>
    <rect x="98" y="60" width="44" height="24" rx="4" fill="${c.shade}"/>
    <path fill="${c.main}" d="M66 108q0-24 24-24h60q24 0 24 24v92q0 14-14 14H80q-14 0-14-14z"/><path fill="#000" opacity=".12" d="M142 84h8q24 0 24 24v92q0 14-14 14h-18z"/>
    <path fill="${c.light}" d="M84 112h72v74H84z"/><path fill="none" stroke="${c.shade}" stroke-width="4" d="M120 172v-40"/>
    <path fill="${c.accent}" d="M120 150q-22 0-22-22 22 0 22 22zM120 162q22 0 22-22-22 0-22 22z"/>`,
} satisfies Record<string, Drawing>;
