import type { Drawing } from './drawing.ts';

export const outdoorDrawings = {
  tent: (c) => `
    <path fill="${c.main}" d="M120 44L18 208h204z"/><path fill="${c.shade}" d="M120 44l102 164h-56z"/>
    <path fill="${c.light}" d="M120 92l-44 116h88z"/><path fill="${c.ink}" d="M120 108l-32 100h42z"/>
    <path stroke="${c.ink}" stroke-width="5" stroke-linecap="round" d="M112 32l8 14 8-14M18 208l-10 6M222 208l10 6"/>
    <circle cx="190" cy="56" r="17" fill="${c.accent}"/>`,
  backpack: (c) => `
    <path fill="none" stroke="${c.shade}" stroke-width="10" d="M96 46q0-24 24-24t24 24"/>
    <rect x="36" y="112" width="26" height="84" rx="12" fill="${c.shade}"/><rect x="178" y="112" width="26" height="84" rx="12" fill="${c.shade}"/>
    <path fill="${c.main}" d="M52 108q0-70 68-70t68 70v90q0 16-16 16H68q-16 0-16-16z"/>
    <path fill="#000" opacity=".12" d="M150 46q38 12 38 62v90q0 16-16 16h-22z"/>
    <path fill="${c.light}" d="M52 104h136v14H52z"/>
    <rect x="74" y="136" width="92" height="62" rx="12" fill="${c.shade}"/><path stroke="${c.accent}" stroke-width="5" stroke-linecap="round" d="M86 154h68"/>
    <rect x="88" y="96" width="12" height="38" rx="4" fill="${c.accent}"/><rect x="140" y="96" width="12" height="38" rx="4" fill="${c.accent}"/>`,
  lantern: (c) => `
    <circle cx="120" cy="132" r="84" fill="${c.accent}" opacity=".18"/>
    <path fill="none" stroke="${c.ink}" stroke-width="6" d="M76 84q0-58 44-58t44 58"/>
    <path fill="${c.main}" d="M84 64h72l12 24H72z"/><path fill="#fff" opacity=".75" d="M78 88h84v82H78z"/>
    <path fill="${c.accent}" d="M120 100q28 32 12 54-12 12-24 0-16-22 12-54z"/><path fill="#fff" opacity=".8" d="M120 128q12 16 4 26-4 4-8 0-8-10 4-26z"/>
    <path stroke="${c.shade}" stroke-width="5" d="M80 88v82M160 88v82"/>
    <path fill="${c.main}" d="M70 168h100l8 46H62z"/><path fill="#000" opacity=".14" d="M140 168h30l8 46h-38z"/><circle cx="120" cy="192" r="8" fill="${c.light}"/>`,
  flask: (c) => `
    <rect x="92" y="22" width="56" height="38" rx="8" fill="${c.shade}"/><path fill="${c.light}" d="M90 58h60v10H90z"/>
    <path fill="${c.main}" d="M86 68h68q12 14 12 34v98q0 14-14 14H88q-14 0-14-14v-98q0-20 12-34z"/>
    <path fill="#000" opacity=".13" d="M138 68h16q12 14 12 34v98q0 14-14 14h-14z"/>
    <path fill="${c.light}" d="M74 172l30-44 20 26 16-20 26 38v14H74z"/><circle cx="132" cy="112" r="11" fill="${c.accent}"/>
    <path fill="#fff" opacity=".3" d="M84 96h7v60h-7z"/>`,
  stove: (c) => `
    <path fill="${c.main}" d="M66 74h108v50q0 16-16 16H82q-16 0-16-16z"/><path fill="${c.shade}" d="M60 66h120v12H60z"/>
    <path fill="none" stroke="${c.shade}" stroke-width="9" stroke-linecap="round" d="M176 92h44"/>
    <g fill="none" stroke="${c.light}" stroke-width="5" stroke-linecap="round"><path d="M98 54c-8-10 8-16 0-28M122 54c-8-10 8-16 0-28M146 54c-8-10 8-16 0-28"/></g>
    <path fill="${c.accent}" d="M88 162q6-18 14-18 2 8 8 10 4-10 10-12 2 8 10 12 6-6 8-10 10 6 14 18z"/>
    <path fill="${c.ink}" d="M56 140h8l16 26h80l16-26h8l-20 34H76z"/><path fill="${c.main}" d="M86 174h68v32q0 8-8 8H94q-8 0-8-8z"/><path fill="${c.light}" d="M86 186h68v10H86z"/>`,
  chair: (c) => `
    <path stroke="${c.ink}" stroke-width="8" stroke-linecap="round" d="M70 212l92-92M178 212L82 120M56 40l28 84M184 40l-28 84"/>
    <path fill="${c.main}" d="M50 34q70 20 140 0l-18 76q-52 14-104 0z"/><path fill="#000" opacity=".12" d="M150 41q20-2 40-7l-18 76q-10 3-22 5z"/>
    <path fill="${c.shade}" d="M62 112q58 16 116 0l12 34q-70 26-140 0z"/><path fill="${c.accent}" d="M56 56q64 16 128 0l-3 12q-61 15-122 0z"/>`,
} satisfies Record<string, Drawing>;
